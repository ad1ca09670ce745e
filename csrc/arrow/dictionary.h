/*
 * dictionary.h - the strings of a column of an Arrow stream, all UTF-8.
 *
 * Each is interned, so no dictionary has the same string twice.
 */
#ifndef MEMC_DICTIONARY_H
#define MEMC_DICTIONARY_H

#include "base/strpool.h"

/* The string, with U+FFFD for what is not UTF-8. */
enum memc_status dictionary_add_text(struct strpool *pool, const char *str, size_t len,
                                     uint32_t *ret);

/* The bytes of the string in hex; "" for one that is UTF-8. */
enum memc_status dictionary_add_hex(struct strpool *pool, const char *str, size_t len,
                                    uint32_t *ret);

/* The letters of each value of the column `perm`, in order; shared and private at
 * once, which no text says, is left out. */
enum memc_status dictionary_add_perms(struct strpool *pool);

/* The name of each value of the column `type`, in order. */
enum memc_status dictionary_add_types(struct strpool *pool);

#endif
