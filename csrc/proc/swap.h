/*
 * swap.h - what page tables cannot tell of swapped memory.
 */
#ifndef MEMC_SWAP_H
#define MEMC_SWAP_H

#include "proc/source.h"
#include "table/table.h"

/* Tell whether memory may be swapped out.  If nothing of the machine is, all swap is 0,
 * that of shared memory too.  Of a copy nobody knows. */
bool swap_is_used(const struct source *s);

/* The mounts that a process sees, read when they are first needed. */
struct swap_mounts {
    const struct source *source;
    bool is_read;
    bool is_whole;
    struct source_text text;
};

/* Tell whether a region may have swapped pages that are in no page table: those of
 * shared memory and of files of a tmpfs, also where they are mapped privately. */
bool swap_is_hidden(const struct memc_snapshot *t, size_t row, struct swap_mounts *m);

/* Forget the swap of regions whose entries may be markers of userfaultfd.  If all
 * entries together are `total_kb`, what the process has swapped, none is a marker. */
enum memc_status swap_settle(struct memc_snapshot *t, bool known, uint64_t total_kb);

#endif
