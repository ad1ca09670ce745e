/*
 * dictionary.h - the strings of a column of an Arrow stream, all in UTF-8.
 *
 * Each string is interned, so no dictionary has a string twice.
 */
#ifndef MEMC_DICTIONARY_H
#define MEMC_DICTIONARY_H

#include "base/strpool.h"

/* Add the string, with U+FFFD for what is not UTF-8. */
enum memc_status dictionary_add_text(struct strpool *pool, const char *str, size_t len,
                                     uint32_t *ret);

/* Add the bytes of the string in hex; "" for a string that is UTF-8. */
enum memc_status dictionary_add_hex(struct strpool *pool, const char *str, size_t len,
                                    uint32_t *ret);

/* Add the letters of each value of the column `perm`, in order.  No text says that a
 * region is shared and private, so these values are left out. */
enum memc_status dictionary_add_perms(struct strpool *pool);

/* Add the name of each value of the column `type`, in order. */
enum memc_status dictionary_add_types(struct strpool *pool);

#endif
