/*
 * pagemap.c - PAGEMAP_SCAN and pagemap, into columns.
 *
 * A scan returns ranges of pages that are alike, in order of address:
 *
 *   regions:  |   r--p   |   rw-p          |        rw-p              |
 *   ranges:      |PRESENT|        |PRESENT     |SWAPPED|
 *
 * A range may cover several regions, so its pages are divided among them.  They are
 * counted as smaps counts them (smaps_pte_entry() in fs/proc/task_mmu.c): the zero page
 * and guard pages do not count, and hugetlb memory is not part of Rss but of
 * hugetlb_kb.  The kernel calls markers swapped that are none (userfaultfd, guard pages
 * before Linux 6.15), and it tells their kind only with CAP_SYS_ADMIN.
 */
#include "proc/pagemap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "proc/pagecount.h"
#include "proc/pagescan.h"
#include "proc/swap.h"
#include "proc/totals.h"

/* The gate region [vsyscall] has an address that no walk accepts. */
static const uint64_t USER_END = (uint64_t)1 << 63;

struct pagemap {
    struct memc_snapshot *table;
    const struct source_file *maps;
    struct source_file file;
    enum memc_detail detail;
    bool swaps;  /* this machine has something swapped out */
    bool untold; /* the kernel did not tell what is a marker */
    uint64_t page_size;
    size_t row;      /* the region that the walk has reached */
    size_t huge_row; /* the last region that was checked for hugetlb */
    bool huge_is_tlb;
    int sys_errno; /* why the scan failed */
    struct pagescan scan;
    struct pagecount counts; /* of `pss` alone */
    struct swap_mounts mounts;
};

static uint64_t *column(const struct pagemap *pm, size_t i)
{
    return table_u64(pm->table, i);
}

/* ---- hugetlb ----------------------------------------------------------- */

/* Tell whether a region is hugetlb memory: its pages are larger than those of the
 * machine.  PROCMAP_QUERY tells this since Linux 6.11; before, only the name of the
 * anonymous kind does. */
static bool ask_hugetlb(const struct pagemap *pm, size_t row)
{
    static const char NAME[] = "/anon_hugepage";
    uint64_t size;
    if (pagescan_page_size(pm->maps->fd, column(pm, COL_START)[row], &size))
        return size > pm->page_size;
    uint32_t id = table_u32(pm->table, COL_PATHNAME)[row];
    struct scan name = strpool_get(&pm->table->strings, id);
    return scan_left(&name) >= sizeof NAME - 1 &&
           memcmp(name.pos, NAME, sizeof NAME - 1) == 0;
}

static bool is_hugetlb(struct pagemap *pm, size_t row)
{
    if (pm->huge_row != row) {
        pm->huge_row = row;
        pm->huge_is_tlb = ask_hugetlb(pm, row);
    }
    return pm->huge_is_tlb;
}

/* ---- counting ---------------------------------------------------------- */

/* Count what is swapped of [start, end); shared memory has nothing but markers here. */
static enum memc_status count_swap(struct pagemap *pm, size_t row, uint64_t start,
                                   uint64_t end)
{
    if (!pm->swaps || table_u8(pm->table, COL_PERM)[row] & PERM_SHARED)
        return MEMC_OK;
    uint64_t bytes = 0;
    bool there = pagescan_swapped(&pm->scan, start, end, &bytes, &pm->untold);
    column(pm, COL_SWAP_KB)[row] += bytes / 1024;
    return there ? MEMC_OK : MEMC_ERR_GONE;
}

/* Count what each page of [start, end), which is resident, is. */
static enum memc_status count_kinds(struct pagemap *pm, size_t row, uint64_t categories,
                                    uint64_t start, uint64_t end)
{
    const struct page_region range = {start, end, categories};
    struct page_kinds kinds = {0};
    bool pss = pm->detail == MEMC_DETAIL_PSS;
    struct pagecount *counts = pss ? &pm->counts : NULL;
    bool there = pagecount_kinds(counts, &pm->scan, &range, &kinds);
    if (pss)
        column(pm, COL_PSS_KB)[row] += kinds.pss;
    column(pm, COL_USS_KB)[row] += kinds.exclusive / 1024;
    column(pm, COL_FILE_KB)[row] += kinds.files / 1024;
    if (categories & PAGE_HUGE)
        column(pm, COL_ANON_HUGE_PAGES_KB)[row] += (end - start - kinds.files) / 1024;
    return there ? MEMC_OK : MEMC_ERR_GONE;
}

/* Count the pages of [start, end), which are alike, for region `row`. */
static enum memc_status count(struct pagemap *pm, size_t row, uint64_t categories,
                              uint64_t start, uint64_t end)
{
    uint64_t kb = (end - start) / 1024;
    if (categories & (PAGE_PFNZERO | PAGE_GUARD))
        return MEMC_OK;
    if (categories & PAGE_HUGE && is_hugetlb(pm, row)) {
        if (categories & PAGE_PRESENT)
            column(pm, COL_HUGETLB_KB)[row] += kb;
        return MEMC_OK;
    }
    if (!(categories & PAGE_PRESENT))
        return count_swap(pm, row, start, end);
    column(pm, COL_RSS_KB)[row] += kb;
    if (pm->detail == MEMC_DETAIL_RSS)
        return MEMC_OK;
    return count_kinds(pm, row, categories, start, end);
}

/* Divide a range among the regions that it covers. */
static enum memc_status share(struct pagemap *pm, const struct page_region *range)
{
    const uint64_t *start = column(pm, COL_START);
    const uint64_t *end = column(pm, COL_END);
    while (pm->row < pm->table->rows && end[pm->row] <= range->start)
        pm->row++;
    enum memc_status st = MEMC_OK;
    for (size_t i = pm->row; st >= 0 && i < pm->table->rows; i++) {
        if (start[i] >= range->end)
            break;
        uint64_t from = start[i] > range->start ? start[i] : range->start;
        uint64_t to = end[i] < range->end ? end[i] : range->end;
        if (from < to)
            st = count(pm, i, range->categories, from, to);
    }
    return st;
}

/* ---- walking ----------------------------------------------------------- */

/* Return the first mapped address from `at` on; USER_END when there is none. */
static uint64_t skip_hole(const struct pagemap *pm, size_t *row, uint64_t at)
{
    const uint64_t *start = column(pm, COL_START);
    const uint64_t *end = column(pm, COL_END);
    while (*row < pm->table->rows && end[*row] <= at)
        ++*row;
    if (*row == pm->table->rows || start[*row] >= USER_END)
        return USER_END;
    return start[*row] > at ? start[*row] : at;
}

static uint64_t last_end(const struct pagemap *pm)
{
    const uint64_t *start = column(pm, COL_START);
    const uint64_t *end = column(pm, COL_END);
    size_t i = pm->table->rows;
    while (i > 0 && start[i - 1] >= USER_END)
        i--;
    return i > 0 ? end[i - 1] : 0;
}

static enum memc_status walk(struct pagemap *pm)
{
    size_t row = 0;
    enum memc_status st = MEMC_OK;
    uint64_t end = last_end(pm);
    uint64_t at = skip_hole(pm, &row, 0);
    while (st >= 0 && at < end) {
        int n = pagescan_step(&pm->scan, at, end, &at);
        if (n < 0)
            pm->sys_errno = -n;
        if (n < 0)
            return n == -ESRCH ? MEMC_ERR_GONE : MEMC_ERR_SYSTEM;
        for (int i = 0; st >= 0 && i < n; i++)
            st = share(pm, &pm->scan.ranges[i]);
        at = skip_hole(pm, &row, at);
    }
    return st;
}

/* ---- the columns ------------------------------------------------------- */

static const uint8_t COLUMNS[] = {
    COL_RSS_KB,
    COL_SWAP_KB,
    COL_HUGETLB_KB,
    /* these of `uss` and `pss` */
    COL_USS_KB,
    COL_FILE_KB,
    COL_ANON_HUGE_PAGES_KB,
    /* this of `pss` alone */
    COL_PSS_KB,
};
enum { N_RSS = 3, N_USS = 6 };

static size_t n_columns(enum memc_detail detail)
{
    if (detail == MEMC_DETAIL_PSS)
        return sizeof COLUMNS;
    return detail == MEMC_DETAIL_USS ? N_USS : N_RSS;
}

/* Add the columns, which are zero at first. */
static enum memc_status add_columns(const struct pagemap *pm)
{
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < n_columns(pm->detail); i++)
        st = table_fill_column(pm->table, COLUMNS[i]);
    return st;
}

/* Make the swap of shared memory missing: it has no entry in a page table. */
static enum memc_status unset_shared_swap(struct pagemap *pm)
{
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < pm->table->rows; i++) {
        if (swap_is_hidden(pm->table, i, &pm->mounts) && !is_hugetlb(pm, i))
            st = table_unset(pm->table, COL_SWAP_KB, i);
    }
    return st;
}

static enum memc_status fill(struct pagemap *pm)
{
    enum memc_status st = add_columns(pm);
    if (st < 0)
        return st;
    pagescan_init(&pm->scan, pm->file.fd, pm->page_size);
    st = walk(pm);
    if (st >= 0 && pm->untold) {
        uint64_t total_kb = 0;
        bool known = totals_read_swap(pm->maps->source, &total_kb);
        st = swap_settle(pm->table, known, total_kb);
    }
    if (st >= 0 && pm->detail == MEMC_DETAIL_PSS)
        st = pagecount_finish(&pm->counts, pm->table);
    return st >= 0 && pm->swaps ? unset_shared_swap(pm) : st;
}

enum memc_status pagemap_unset(struct memc_snapshot *t, enum memc_detail detail)
{
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < n_columns(detail); i++) {
        t->columns[COLUMNS[i]].filled = 0;
        st = table_fill_missing(t, COLUMNS[i]);
    }
    return st;
}

static const char NO_SCAN[] = "rss_kb is unknown: this kernel cannot scan page tables "
                              "(PAGEMAP_SCAN, Linux 6.7), or this is a copy of /proc";
static const char NO_RIGHT[] =
    "rss_kb is unknown: pagemap may be read by the same user "
    "or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";

/* Note why page tables were not read: somebody refused, something failed, or the kernel
 * has no scan. */
static void note_unread(struct memc_snapshot *t, const struct memc_error *err)
{
    int sys_errno = err->sys_errno;
    bool denied = err->status == MEMC_ERR_DENIED;
    enum memc_note_code code = denied ? MEMC_NOTE_DENIED : MEMC_NOTE_DEGRADED;
    if (denied && !error_is_refusal(err))
        table_note(t, code, NO_RIGHT);
    else if (sys_errno == ENOENT || sys_errno == ENOTTY || sys_errno == EINVAL ||
             sys_errno == EOPNOTSUPP)
        table_note(t, code, NO_SCAN);
    else
        table_note_error(t, code, "rss_kb is unknown: pagemap", err);
}

enum memc_status pagemap_fill(const struct source_file *maps, struct memc_snapshot *t,
                              enum memc_detail detail)
{
    if (t->rows == 0)
        return MEMC_OK;
    struct pagemap *pm = calloc(1, sizeof *pm);
    if (!pm)
        return MEMC_ERR_MEMORY;
    pm->table = t;
    pm->maps = maps;
    pm->mounts.source = maps->source;
    pm->detail = detail;
    pm->swaps = swap_is_used(maps->source);
    pm->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    pm->huge_row = SIZE_MAX;
    struct memc_error err = {0};
    enum memc_status st = source_open_file(maps->source, "pagemap", &pm->file, &err);
    if (st >= 0) {
        if (detail == MEMC_DETAIL_PSS)
            pagecount_open(&pm->counts, maps->source);
        st = fill(pm);
        if (detail == MEMC_DETAIL_PSS)
            pagecount_close(&pm->counts);
        source_close_file(&pm->file);
        err = (struct memc_error){.status = st, .sys_errno = pm->sys_errno};
    }
    free(pm);
    if (st == MEMC_ERR_DENIED || st == MEMC_ERR_SYSTEM)
        note_unread(t, &err);
    else if (st != MEMC_ERR_GONE) /* check_whole() will note that it is cut */
        return st;
    return pagemap_unset(t, detail);
}
