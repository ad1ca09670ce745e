/*
 * keyvals.h - "Key: value" files, such as status and smaps_rollup:
 *
 *   VmRSS:      4820 kB
 *   Uid:    1000    1000    1000    1000
 */
#ifndef MEMC_KEYVALS_H
#define MEMC_KEYVALS_H

#include "base/scan.h"

/* Find the value of the first line with this key, without the blanks before it.  False
 * if no line has the key. */
bool keyvals_find(struct scan text, const char *key, struct scan *ret);

/* Find the first number of that value, which is decimal.  False if there is none. */
bool keyvals_number(struct scan text, const char *key, uint64_t *ret);

#endif
