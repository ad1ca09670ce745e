#include "base/block.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ALIGNMENT = 64, /* Arrow asks for it; a cache line */
    LARGE = 128 * 1024,
    HUGE_PAGE = 2 * 1024 * 1024,
};

struct block {
    struct block *next;
    size_t size; /* of the whole block */
};

size_t block_aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t block_room(size_t size, bool huge)
{
    size = block_aligned(size);
    if (huge) /* the kernel aligns a mapping of whole huge pages */
        size = (ALIGNMENT + size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE - ALIGNMENT;
    return size;
}

static struct block *create(size_t size)
{
    if (size < LARGE) {
        struct block *block = aligned_alloc(ALIGNMENT, size);
        if (block)
            memset(block, 0, size);
        return block;
    }
    void *block =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

void *block_add(struct block **list, size_t size, bool huge)
{
    size = ALIGNMENT + block_room(size, huge);
    struct block *block = create(size);
    if (!block)
        return NULL;
    if (huge) /* if this fails, small pages do the same, more slowly */
        (void)madvise(block, size, MADV_HUGEPAGE);
    *block = (struct block){*list, size};
    *list = block;
    return (char *)block + ALIGNMENT;
}

const void *block_only(const struct block *list, size_t *size)
{
    if (!list || list->next)
        return NULL;
    *size = list->size - ALIGNMENT;
    return (const char *)list + ALIGNMENT;
}

void block_free_all(struct block **list)
{
    while (*list) {
        struct block *block = *list;
        *list = block->next;
        if (block->size >= LARGE)
            munmap(block, block->size);
        else
            free(block);
    }
}
