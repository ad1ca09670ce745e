#include "block.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ALIGNMENT = 64, /* Arrow asks for it; a cache line */
    LARGE = 64 * 1024,
};

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Zero from `used` bytes on. */
static void *create(size_t size, size_t used)
{
    if (size < LARGE) {
        char *block = aligned_alloc(ALIGNMENT, aligned(size));
        if (block)
            memset(block + used, 0, size - used);
        return block;
    }
    void *block =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

bool block_grow(struct block *block, size_t size)
{
    if (block->size >= LARGE) {
        void *moved = mremap(block->bytes, block->size, size, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED)
            return false;
        *block = (struct block){moved, size};
        return true;
    }

    void *grown = create(size, block->size);
    if (!grown)
        return false;
    if (block->size)
        memcpy(grown, block->bytes, block->size);
    block_deinit(block);
    *block = (struct block){grown, size};
    return true;
}

void block_deinit(struct block *block)
{
    if (block->size >= LARGE)
        munmap(block->bytes, block->size);
    else
        free(block->bytes);
    *block = (struct block){0};
}
