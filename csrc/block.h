/*
 * block.h - 64-byte aligned memory that grows.
 *
 * Small blocks come from the heap and are copied as they grow; large ones are
 * mappings of their own, which mremap() moves without copying or touching a
 * page, so a large table costs only the pages its rows lie in.
 */
#ifndef MEMC_BLOCK_H
#define MEMC_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

struct block {
    void *bytes; /* NULL while size is 0 */
    size_t size;
};

/* Make it `size` bytes, more than it has.  What is new is zero, and in a large
 * block costs nothing until it is written.  False when memory runs out; the block is
 * as it was then. */
bool block_grow(struct block *block, size_t size);

void block_deinit(struct block *block);

#endif
