/* errno_text.h - the words for an errno, whatever the C library and the locale. */
#ifndef MEMC_ERRNO_TEXT_H
#define MEMC_ERRNO_TEXT_H

#include <locale.h>
#include <string.h>

/* The words are in English: others read them, and tests compare them.  The "C" locale
 * is part of glibc and of musl: neither allocates it, so nothing is to be freed. */
static inline const char *errno_text(int failed)
{
    return strerror_l(failed, newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

#endif
