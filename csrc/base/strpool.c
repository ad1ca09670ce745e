#include "base/strpool.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64, FIRST_STRINGS = 32, FIRST_BYTES = 2048 };

bool strpool_equals(const struct strpool *pool, uint32_t id, const char *str,
                    size_t len)
{
    struct scan s = strpool_get(pool, id);
    return scan_is(&s, str, len);
}

/* Return the slot that holds the string, or the empty slot where it belongs. */
static size_t find_slot(const struct strpool *pool, const char *str, size_t len)
{
    size_t mask = pool->slot_cap - 1;
    size_t i = siphash(&pool->key, str, len) & mask;
    while (pool->slots[i] && !strpool_equals(pool, pool->slots[i] - 1, str, len))
        i = (i + 1) & mask;
    return i;
}

static enum memc_status grow_slots(struct strpool *pool)
{
    size_t cap = pool->slot_cap ? pool->slot_cap * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(cap, sizeof *slots);
    if (!slots)
        return MEMC_ERR_MEMORY;
    free(pool->slots);
    pool->slots = slots;
    pool->slot_cap = cap;
    for (uint32_t id = 0; id < pool->count; id++) {
        struct scan s = strpool_get(pool, id);
        pool->slots[find_slot(pool, s.pos, scan_left(&s))] = id + 1;
    }
    return MEMC_OK;
}

static enum memc_status reserve(struct strpool *pool, size_t len)
{
    size_t used = pool->count ? pool->offsets[pool->count] : 0;
    if (len > UINT32_MAX - used)
        return MEMC_ERR_LIMIT;
    if (used + len > pool->byte_cap || !pool->bytes) {
        size_t cap = pool->byte_cap ? pool->byte_cap : FIRST_BYTES;
        while (cap < used + len)
            cap *= 2;
        char *bytes = realloc(pool->bytes, cap);
        if (!bytes)
            return MEMC_ERR_MEMORY;
        pool->bytes = bytes;
        pool->byte_cap = cap;
    }
    if (pool->count + 2 > pool->offset_cap) {
        uint32_t cap = pool->offset_cap ? pool->offset_cap * 2 : FIRST_STRINGS;
        uint32_t *offsets = realloc(pool->offsets, cap * sizeof *offsets);
        if (!offsets)
            return MEMC_ERR_MEMORY;
        pool->offsets = offsets;
        pool->offset_cap = cap;
    }
    return MEMC_OK;
}

enum memc_status strpool_intern(struct strpool *pool, const char *str, size_t len,
                                uint32_t *ret)
{
    if ((size_t)(pool->count + 1) * 2 > pool->slot_cap) {
        enum memc_status st = grow_slots(pool);
        if (st < 0)
            return st;
    }

    size_t slot = find_slot(pool, str, len);
    if (!pool->slots[slot]) {
        enum memc_status st = reserve(pool, len);
        if (st < 0)
            return st;
        uint32_t begin = pool->offsets[pool->count];
        if (len)
            memmove(pool->bytes + begin, str, len); /* str may be the scratch */
        pool->offsets[++pool->count] = begin + (uint32_t)len;
        pool->slots[slot] = pool->count;
    }
    *ret = pool->slots[slot] - 1;
    return MEMC_OK;
}

/* Give room after the last string.  strpool_intern() then finds enough room, so it
 * moves nothing that `str` points to. */
enum memc_status strpool_scratch(struct strpool *pool, size_t len, char **ret)
{
    enum memc_status st = reserve(pool, len);
    if (st < 0)
        return st;
    *ret = pool->bytes + pool->offsets[pool->count];
    return MEMC_OK;
}

enum memc_status strpool_init(struct strpool *pool)
{
    *pool = (struct strpool){.key = siphash_own_key()};
    enum memc_status st = reserve(pool, 0);
    if (st < 0)
        return st;
    pool->offsets[0] = 0;
    uint32_t empty;
    return strpool_intern(pool, "", 0, &empty);
}

void strpool_deinit(struct strpool *pool)
{
    free(pool->bytes);
    free(pool->offsets);
    free(pool->slots);
}
