/*
 * counter.h - a line of smaps behind the first of its record:
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
 * Set what the line that `e` is on says of the table's last row.  A line of text
 * without a number is passed over.  *next is which column the key may be, and then
 * the one behind it.  MEMC_ERR_FORMAT with e->what when the line is bad.
 */
enum memc_status counter_parse(struct expect *e, struct memc_snapshot *t, size_t *next);

#endif
