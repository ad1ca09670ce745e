/* utf8.h - names may be any bytes; documents and columns of text are UTF-8. */
#ifndef MEMC_UTF8_H
#define MEMC_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* U+FFFD replaces bytes that are not UTF-8: one for each longest start of a sequence,
 * as decoders do it. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/*
 * Return the length of the UTF-8 sequence at `s`, 1 to 4.  If there is no sequence,
 * *valid is false and the length is that of the longest start of one, at least 1
 * (Unicode 3.9, table 3-7 and "maximal subpart").
 */
size_t utf8_sequence(const char *s, size_t left, bool *valid);

bool utf8_is_valid(const char *s, size_t len);

#endif
