/*
 * pagecount.h - whose pages are, by pagemap; and Pss without smaps, by
 * /proc/kpagecount, which tells how often each page of the machine is mapped.
 *
 * pagemap tells where the pages of a process are, to readers with CAP_SYS_ADMIN only.
 * A page that two processes map is half a page of the Pss of each.  No call holds the
 * lock of the process.
 */
#ifndef MEMC_PAGECOUNT_H
#define MEMC_PAGECOUNT_H

#include "proc/pagescan.h"
#include "proc/source.h"
#include "table/table.h"

struct pagecount {
    int fd;        /* below 0: it could not be opened */
    int sys_errno; /* why it could not be opened or read, or 0 */
    bool hidden;   /* pagemap did not tell where pages are */
    bool
        is_rounded; /* the kernel counts the maps of large folios, not of their pages */
};

/* How much Pss grows by a byte: the kernel reckons in parts of a byte (PSS_SHIFT in
 * fs/proc/task_mmu.c). */
enum { PAGECOUNT_SHIFT = 12 };

void pagecount_open(struct pagecount *pc, const struct source *s);
void pagecount_close(struct pagecount *pc);

/* Bytes that only this process maps, bytes of files and shared memory, and the Pss in
 * parts of a byte. */
struct page_kinds {
    uint64_t exclusive;
    uint64_t files;
    uint64_t pss;
};

/*
 * Count the kinds of resident pages in a range, and their Pss unless `pc` is NULL.
 * False when the process has ended.
 *
 * Where a huge page is mapped as a whole, others may map some of its pages.  pagemap
 * does not tell that, so that each page is counted.
 */
bool pagecount_kinds(struct pagecount *pc, struct pagescan *ps,
                     const struct page_region *range, struct page_kinds *kinds);

/* Turn the column pss_kb, which is in parts of a byte, into kB.  Or make it missing, if
 * something was not told, and note why. */
enum memc_status pagecount_finish(const struct pagecount *pc, struct memc_snapshot *t);

#endif
