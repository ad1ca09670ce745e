/*
 * block.h - zeroed memory for columns: a list of blocks that are freed together.
 *
 *   list -> | next, size | 64-byte aligned bytes ... |
 *              next -> | next, size | bytes ... |
 *
 * Small blocks come from the heap.  Large blocks are mappings: the kernel gives memory
 * only for the pages that are written.
 */
#ifndef MEMC_BLOCK_H
#define MEMC_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

struct block;

/* Round `size` up, so that what follows is aligned, too. */
size_t block_aligned(size_t size);

/* Return how many bytes block_add() gives for `size`: as many, or more. */
size_t block_room(size_t size, bool huge);

/* Add a block of `size` bytes at the head of *list; NULL when memory runs out.  `huge`
 * asks for huge pages.  They suit memory that will be written everywhere: it costs a
 * seventeenth to fault in 2 MiB at once and not in small pages. */
void *block_add(struct block **list, size_t size, bool huge);

/* Return the bytes of the only block of a list; NULL if there are more, or none. */
const void *block_only(const struct block *list, size_t *size);

/* Free all blocks, and leave *list empty. */
void block_free_all(struct block **list);

#endif
