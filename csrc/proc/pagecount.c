#include "proc/pagecount.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "proc/entry.h"

enum { AT_ONCE = 512, ATTEMPTS = 3, COUNT_SIZE = 8 };

void pagecount_open(struct pagecount *pc, const struct source *s)
{
    *pc = (struct pagecount){.fd = entry_open(s->root, "kpagecount", s->is_copy)};
    pc->sys_errno = pc->fd < 0 ? errno : 0;
}

void pagecount_close(struct pagecount *pc)
{
    if (pc->fd >= 0)
        close(pc->fd);
    pc->fd = -1;
}

/* Read the counts of `n` pages that follow each other in memory.  False if the kernel
 * tells none. */
static bool read_counts(struct pagecount *pc, uint64_t entry, uint64_t *counts,
                        size_t n)
{
    uint64_t frame = entry & PAGEMAP_FRAME;
    pc->hidden = pc->hidden || frame == 0;
    if (pc->hidden || pc->sys_errno)
        return false;
    ssize_t size = pread(pc->fd, counts, n * COUNT_SIZE, (off_t)(frame * COUNT_SIZE));
    if (size < 0)
        pc->sys_errno = errno;
    if (size < 0)
        return false;
    /* No page of memory is there: a device has these addresses. */
    memset((char *)counts + size, 0, n * COUNT_SIZE - (size_t)size);
    return true;
}

/* What is read, of one range of pagemap. */
struct pages {
    struct pagecount *pc;
    const struct pagescan *ps;
    uint64_t whole; /* the Pss of a page that one process maps */
    bool huge;      /* pagemap tells of the first page alone whether it is exclusive */
};

/*
 * Return the Pss of a page whose count does not go with its entry: it is mapped more
 * than once, and was counted once or not at all.  It has moved or changed hands, or
 * smaps does not count it either, as the kernel has no count for it (vm_normal_page()
 * in mm/memory.c).
 */
static uint64_t look_again(const struct pages *p, uint64_t address)
{
    uint64_t count = 0;
    for (int i = 0; i < ATTEMPTS; i++) {
        uint64_t entry = 0;
        if (!pagescan_entry(p->ps, address, &entry) || !(entry & PAGEMAP_PRESENT))
            return 0;
        if (!p->huge && entry & PAGEMAP_EXCLUSIVE)
            return p->whole;
        if (!read_counts(p->pc, entry, &count, 1))
            return 0;
        if (count > 1 || (p->huge && count == 1))
            return p->whole / count;
    }
    p->pc->is_rounded = p->pc->is_rounded || count == 1;
    return p->whole * count;
}

/* Return the Pss of `n` pages that follow each other in memory. */
static uint64_t run_pss(const struct pages *p, uint64_t start, uint64_t entry, size_t n)
{
    uint64_t counts[AT_ONCE];
    uint64_t least = p->huge ? 1 : 2;
    uint64_t pss = 0;
    if (!read_counts(p->pc, entry, counts, n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        bool goes = counts[i] >= least;
        uint64_t address = start + i * p->ps->page_size;
        pss += goes ? p->whole / counts[i] : look_again(p, address);
    }
    return pss;
}

/* Return the Pss of `n` entries that were read. */
static uint64_t entries_pss(const struct pages *p, uint64_t start,
                            const uint64_t *entries, size_t n)
{
    uint64_t pss = 0;
    for (size_t i = 0; i < n;) {
        size_t run = 1;
        if (!p->huge && entries[i] & PAGEMAP_EXCLUSIVE) {
            pss += p->whole;
        } else if (entries[i] & PAGEMAP_PRESENT) {
            while (run < AT_ONCE && i + run < n && entries[i + run] == entries[i] + run)
                run++;
            pss += run_pss(p, start + i * p->ps->page_size, entries[i], run);
        }
        i += run;
    }
    return pss;
}

bool pagecount_kinds(struct pagecount *pc, struct pagescan *ps,
                     const struct page_region *range, struct page_kinds *kinds)
{
    static const uint64_t EXCLUSIVE = PAGEMAP_PRESENT | PAGEMAP_EXCLUSIVE;
    static const uint64_t OF_FILE = PAGEMAP_PRESENT | PAGEMAP_FILE;
    bool huge = (range->categories & PAGE_HUGE) != 0;
    const struct pages p = {pc, ps, ps->page_size << PAGECOUNT_SHIFT, huge};
    uint64_t start = range->start;
    while (start < range->end) {
        const uint64_t *entries;
        size_t count = pagescan_entries(ps, start, range->end, &entries);
        if (count == 0)
            return false;
        size_t exclusive = 0;
        size_t files = 0;
        for (size_t i = 0; i < count; i++) {
            exclusive += (entries[i] & EXCLUSIVE) == EXCLUSIVE;
            files += (entries[i] & OF_FILE) == OF_FILE;
        }
        kinds->exclusive += exclusive * ps->page_size;
        kinds->files += files * ps->page_size;
        if (pc && exclusive == count && !huge)
            kinds->pss += count * p.whole;
        else if (pc)
            kinds->pss += entries_pss(&p, start, entries, count);
        start += count * ps->page_size;
    }
    return true;
}

/* ---- the column -------------------------------------------------------- */

static const char NO_RIGHT[] =
    "pss_kb is unknown: kpagecount may be read by root with CAP_SYS_ADMIN; "
    "smaps and smaps_rollup tell PSS too, but can stall a large process";
static const char NO_COUNTS[] =
    "pss_kb is unknown: this /proc has no kpagecount (CONFIG_PROC_PAGE_MONITOR, or the "
    "mount option subset=pid), or this is a copy of /proc";
static const char ROUNDED[] =
    "pss_kb is an estimate, as it is in smaps: this kernel counts how often a large "
    "folio is mapped, not each of its pages (CONFIG_NO_PAGE_MAPCOUNT)";

static void note_untold(const struct pagecount *pc, struct memc_snapshot *t)
{
    struct memc_error err = {
        .status = MEMC_ERR_SYSTEM,
        .sys_errno = pc->sys_errno,
        .what = "kpagecount",
    };
    if (pc->hidden || pc->sys_errno == EACCES)
        table_note(t, MEMC_NOTE_DENIED, NO_RIGHT);
    else if (pc->sys_errno == EPERM)
        table_note_error(t, MEMC_NOTE_DENIED, "pss_kb is unknown: kpagecount", &err);
    else if (pc->sys_errno == ENOENT)
        table_note(t, MEMC_NOTE_DEGRADED, NO_COUNTS);
    else
        table_note_error(t, MEMC_NOTE_DEGRADED, "pss_kb is unknown: kpagecount", &err);
}

enum memc_status pagecount_finish(const struct pagecount *pc, struct memc_snapshot *t)
{
    if (pc->hidden || pc->sys_errno) {
        note_untold(pc, t);
        t->columns[COL_PSS_KB].filled = 0;
        return table_fill_missing(t, COL_PSS_KB);
    }
    if (pc->is_rounded)
        table_note(t, MEMC_NOTE_DEGRADED, ROUNDED);
    uint64_t *pss = table_u64(t, COL_PSS_KB);
    for (size_t i = 0; i < t->rows; i++)
        pss[i] >>= PAGECOUNT_SHIFT + 10;
    return MEMC_OK;
}
