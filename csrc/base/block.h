/*
 * block.h - zero memory for columns: blocks in a list, which are freed together.
 *
 *   list -> | next, size | 64-byte aligned bytes ... |
 *              next -> | next, size | bytes ... |
 *
 * Small blocks come from the heap; large ones are mappings of their own, which cost
 * only the pages that are written.
 */
#ifndef MEMC_BLOCK_H
#define MEMC_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

struct block;

/* What `size` bytes take, so that what follows them is aligned, too. */
size_t block_aligned(size_t size);

/* How many bytes block_add() gives who asks for `size`: as many or more. */
size_t block_room(size_t size, bool huge);

/* `size` bytes in a new block, at the head of *list; NULL when memory runs out.
 * `huge` asks for huge pages, which suits what is going to be written all over: to
 * fault in 2 MiB at once costs a seventeenth of doing so a small page at a time. */
void *block_add(struct block **list, size_t size, bool huge);

/* Free all blocks, and leave *list empty. */
void block_free_all(struct block **list);

#endif
