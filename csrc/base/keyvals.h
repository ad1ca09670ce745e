/*
 * keyvals.h - "Key: value" files, such as status and smaps_rollup:
 *
 *   VmRSS:      4820 kB
 *   Uid:    1000    1000    1000    1000
 */
#ifndef MEMC_KEYVALS_H
#define MEMC_KEYVALS_H

#include "base/scan.h"

/* The value of the first line with this key, without blanks before it; false
 * when no line has it. */
bool keyvals_find(struct scan text, const char *key, struct scan *ret);

/* The first number of that value, decimal; likewise. */
bool keyvals_number(struct scan text, const char *key, uint64_t *ret);

#endif
