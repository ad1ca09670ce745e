/*
 * counter.h - a line of smaps after the first line of its record:
 *
 *   Rss:                  16 kB
 *   VmFlags: rd mr mw me sd
 *
 * (show_smap() and show_smap_vma_flags() in fs/proc/task_mmu.c)
 */
#ifndef MEMC_COUNTER_H
#define MEMC_COUNTER_H

#include "parse/expect.h"
#include "table/table.h"

/*
 * Read the line that `e` is on, and set its value in the last row of the table.  A line
 * of text without a number is skipped.  *next is a guess of the column; afterwards it
 * is a guess for the next line.  Returns MEMC_ERR_FORMAT and sets e->what if the line
 * is bad.
 */
enum memc_status counter_parse(struct expect *e, struct memc_snapshot *t, size_t *next);

#endif
