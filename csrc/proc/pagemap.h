/*
 * pagemap.h - what is resident, from the page tables, without holding up the process.
 *
 * smaps walks a whole region while it holds the mmap_lock of the process.  The
 * PAGEMAP_SCAN ioctl (Linux 6.7) walks only as far as it is told, so no call here takes
 * longer than about a millisecond, however large a region is.
 */
#ifndef MEMC_PAGEMAP_H
#define MEMC_PAGEMAP_H

#include "proc/source.h"
#include "table/table.h"

/* Tell whether a detail reads the page tables. */
static inline bool pagemap_is_read(enum memc_detail detail)
{
    return detail == MEMC_DETAIL_RSS || detail == MEMC_DETAIL_USS ||
           detail == MEMC_DETAIL_PSS;
}

/*
 * Fill the columns rss_kb, swap_kb and hugetlb_kb, with `uss` and `pss` also uss_kb,
 * file_kb and anon_huge_pages_kb, and with `pss` also pss_kb, of a table whose regions
 * are sorted and do not overlap.  `maps` is the open maps file of the process.  If the
 * kernel cannot do it or forbids it, all values are missing and a note says why.
 */
enum memc_status pagemap_fill(const struct source_file *maps, struct memc_snapshot *t,
                              enum memc_detail detail);

/* Make those columns all missing. */
enum memc_status pagemap_unset(struct memc_snapshot *t, enum memc_detail detail);

#endif
