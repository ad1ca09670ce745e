/*
 * strpool.h - interned byte strings, numbered from 0 in order of first use.
 *
 *   bytes:    | /usr/bin/cat | [heap] | /usr/lib/libc.so.6 |
 *   offsets:  0  0             12       18                   36
 *             ^ string 0 is "", string 1 is bytes[0..12], ...
 *
 * This is Arrow's binary layout, so a pool becomes a dictionary unchanged.
 *
 * Processes choose the names of their files, but not where a name goes in the index:
 * the hash has a key.
 */
#ifndef MEMC_STRPOOL_H
#define MEMC_STRPOOL_H

#include "base/scan.h"
#include "base/siphash.h"
#include "memc/memc.h"

struct strpool {
    char *bytes;
    uint32_t *offsets; /* count + 1 used */
    uint32_t *slots;   /* open-addressing index of string number + 1; 0: empty */
    uint32_t count;
    uint32_t offset_cap;
    size_t byte_cap;
    size_t slot_cap; /* a power of two, or 0 before the first string */
    struct siphash_key key;
};

/* Make a pool that holds only "", as string 0. */
enum memc_status strpool_init(struct strpool *pool);
void strpool_deinit(struct strpool *pool);

/* Return string `id`.  It is valid until the next string is added. */
static inline struct scan strpool_get(const struct strpool *pool, uint32_t id)
{
    return (struct scan){
        .pos = pool->bytes + pool->offsets[id],
        .end = pool->bytes + pool->offsets[id + 1],
    };
}

/* Tell whether string `id` has these bytes. */
bool strpool_equals(const struct strpool *pool, uint32_t id, const char *str,
                    size_t len);

/* Find the number of the string.  A new string is added. */
enum memc_status strpool_intern(struct strpool *pool, const char *str, size_t len,
                                uint32_t *ret);

/* Give room for `len` bytes, to build a string in.  It is valid until the next call,
 * which may be strpool_intern() of the string that was built there. */
enum memc_status strpool_scratch(struct strpool *pool, size_t len, char **ret);

#endif
