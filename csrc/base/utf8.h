/* utf8.h - names may be any bytes; documents and columns of text are UTF-8. */
#ifndef MEMC_UTF8_H
#define MEMC_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* What stands for bytes that are not UTF-8: U+FFFD, once for each longest start
 * of a sequence, as decoders do. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/*
 * The length of the UTF-8 sequence at `s`, 1 to 4.  *valid is false when it is
 * none: then the length is that of the longest start of one, at least 1 (Unicode
 * 3.9, table 3-7 and "maximal subpart").
 */
size_t utf8_sequence(const char *s, size_t left, bool *valid);

bool utf8_is_valid(const char *s, size_t len);

#endif
