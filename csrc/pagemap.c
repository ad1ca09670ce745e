/*
 * pagemap.c - PAGEMAP_SCAN and pagemap, into columns.
 *
 * A scan returns ranges of pages that are alike, in order of address:
 *
 *   regions:  |   r--p   |   rw-p          |        rw-p              |
 *   ranges:      |PRESENT FILE|   |PRESENT     |SWAPPED|
 *
 * Ranges run on across regions, so each is shared out among those it covers.
 * Counted as smaps counts (smaps_pte_entry() in fs/proc/task_mmu.c): the zero page
 * and guard pages are nothing, and hugetlb memory is in no Rss.
 */
#include "pagemap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"

/* From <linux/fs.h> of Linux 6.7, 6.11 and later, which older headers lack. */
struct page_region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};

struct pm_scan_arg {
    uint64_t size;
    uint64_t flags;
    uint64_t start;
    uint64_t end;
    uint64_t walk_end;
    uint64_t vec;
    uint64_t vec_len;
    uint64_t max_pages;
    uint64_t category_inverted;
    uint64_t category_mask;
    uint64_t category_anyof_mask;
    uint64_t return_mask;
};

struct procmap_query {
    uint64_t size;
    uint64_t query_flags;
    uint64_t query_addr;
    uint64_t vma_start;
    uint64_t vma_end;
    uint64_t vma_flags;
    uint64_t vma_page_size;
    uint64_t vma_offset;
    uint64_t inode;
    uint32_t dev_major;
    uint32_t dev_minor;
    uint32_t vma_name_size;
    uint32_t build_id_size;
    uint64_t vma_name_addr;
    uint64_t build_id_addr;
};

#define SCAN_IOCTL _IOWR('f', 16, struct pm_scan_arg)
#define QUERY_IOCTL _IOWR('f', 17, struct procmap_query)

enum {
    PAGE_FILE = 1 << 2,
    PAGE_PRESENT = 1 << 3,
    PAGE_SWAPPED = 1 << 4,
    PAGE_PFNZERO = 1 << 5,
    PAGE_HUGE = 1 << 6,
    PAGE_GUARD = 1 << 8, /* Linux 6.15 */
};

static const uint64_t PM_EXCLUSIVE = (uint64_t)1 << 56;
static const uint64_t PM_PRESENT = (uint64_t)1 << 63;

/* How much one call may do.  A page found costs about 15 ns, so 16,384 of them are
 * a quarter of a millisecond; empty page tables cost less, nothing mapped nothing. */
enum { RANGES = 512, ENTRIES = 4096, FIRST_PAGES = 1 << 14, MIN_PAGES = 1 << 10 };
enum { FAST_NS = 250000, SLOW_NS = 700000 };
static const uint64_t FIRST_SPAN = (uint64_t)1 << 30;
static const uint64_t MIN_SPAN = (uint64_t)1 << 22;
static const uint64_t MAX_SPAN = (uint64_t)1 << 40;
static const uint64_t MAX_PAGES = (uint64_t)1 << 16;

/* The gate region [vsyscall] has an address that no walk may name. */
static const uint64_t USER_END = (uint64_t)1 << 63;

struct pagemap {
    struct memc_snapshot *table;
    const struct source_file *maps;
    struct source_file file;
    bool uss;
    uint64_t page_size;
    uint64_t guard;     /* PAGE_GUARD where the kernel knows it */
    uint64_t span;      /* bytes a call may walk */
    uint64_t max_pages; /* pages a call may find */
    size_t row;         /* the region that the walk has come to */
    size_t huge_row;    /* the region last asked of, and whether it is hugetlb */
    bool huge_is_tlb;
    struct page_region ranges[RANGES];
    uint64_t entries[ENTRIES];
};

static uint64_t *column(const struct pagemap *pm, size_t i)
{
    return table_u64(pm->table, i);
}

/* ---- hugetlb ----------------------------------------------------------- */

/* Whether a region is hugetlb memory: its pages are larger than the machine's.
 * PROCMAP_QUERY tells (Linux 6.11); before, the name of the anonymous kind. */
static bool ask_hugetlb(const struct pagemap *pm, size_t row)
{
    static const char NAME[] = "/anon_hugepage";
    struct procmap_query query = {
        .size = sizeof query,
        .query_addr = column(pm, COL_START)[row],
    };
    if (ioctl(pm->maps->fd, QUERY_IOCTL, &query) == 0)
        return query.vma_page_size > pm->page_size;
    const struct strpool *strings = &pm->table->strings;
    uint32_t id = table_u32(pm->table, COL_PATHNAME)[row];
    size_t len = strings->offsets[id + 1] - strings->offsets[id];
    return len >= sizeof NAME - 1 &&
           memcmp(strings->bytes + strings->offsets[id], NAME, sizeof NAME - 1) == 0;
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

/* Pages of [start, end) that are mapped by this process alone. */
static enum memc_status count_exclusive(struct pagemap *pm, uint64_t start,
                                        uint64_t end, uint64_t *pages)
{
    while (start < end) {
        uint64_t left = (end - start) / pm->page_size;
        size_t size = (left < ENTRIES ? left : ENTRIES) * sizeof *pm->entries;
        off_t at = (off_t)(start / pm->page_size * sizeof *pm->entries);
        ssize_t n = pread(pm->file.fd, pm->entries, size, at);
        if (n < (ssize_t)sizeof *pm->entries)
            return MEMC_ERR_GONE;
        size_t count = (size_t)n / sizeof *pm->entries;
        uint64_t wanted = PM_PRESENT | PM_EXCLUSIVE;
        for (size_t i = 0; i < count; i++)
            *pages += (pm->entries[i] & wanted) == wanted;
        start += count * pm->page_size;
    }
    return MEMC_OK;
}

/* Count the pages of [start, end), which are alike, for region `row`. */
static enum memc_status count(struct pagemap *pm, size_t row, uint64_t categories,
                              uint64_t start, uint64_t end)
{
    uint64_t kb = (end - start) / 1024;
    if (categories & (PAGE_PFNZERO | PAGE_GUARD))
        return MEMC_OK;
    if (categories & PAGE_HUGE && is_hugetlb(pm, row))
        return MEMC_OK;
    if (!(categories & PAGE_PRESENT)) {
        column(pm, COL_SWAP_KB)[row] += kb;
        return MEMC_OK;
    }
    column(pm, COL_RSS_KB)[row] += kb;
    if (categories & PAGE_FILE)
        column(pm, COL_FILE_KB)[row] += kb;
    else if (categories & PAGE_HUGE)
        column(pm, COL_ANON_HUGE_PAGES_KB)[row] += kb;
    if (!pm->uss)
        return MEMC_OK;
    uint64_t pages = 0;
    enum memc_status st = count_exclusive(pm, start, end, &pages);
    column(pm, COL_USS_KB)[row] += pages * pm->page_size / 1024;
    return st;
}

/* Share a range out among the regions that it covers. */
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

/* Returns how many ranges there are, or an errno below 0. */
static int scan(struct pagemap *pm, uint64_t start, uint64_t end)
{
    struct pm_scan_arg arg = {
        .size = sizeof arg,
        .start = start,
        .end = end,
        .vec = (uintptr_t)pm->ranges,
        .vec_len = RANGES,
        .max_pages = pm->max_pages,
        .category_anyof_mask = PAGE_PRESENT | PAGE_SWAPPED,
        .return_mask = PAGE_PRESENT | PAGE_SWAPPED | PAGE_PFNZERO | PAGE_FILE |
                       PAGE_HUGE | pm->guard,
    };
    int n = ioctl(pm->file.fd, SCAN_IOCTL, &arg);
    return n < 0 ? -errno : n;
}

/* Make the next call do more or less, by how long this one took. */
static void adapt(struct pagemap *pm, uint64_t took_ns)
{
    if (took_ns > SLOW_NS) {
        pm->span = pm->span / 2 > MIN_SPAN ? pm->span / 2 : MIN_SPAN;
        pm->max_pages = pm->max_pages / 2 > MIN_PAGES ? pm->max_pages / 2 : MIN_PAGES;
    } else if (took_ns < FAST_NS) {
        pm->span = pm->span * 2 < MAX_SPAN ? pm->span * 2 : MAX_SPAN;
        pm->max_pages = pm->max_pages * 2 < MAX_PAGES ? pm->max_pages * 2 : MAX_PAGES;
    }
}

/* One call over [start, end), and what it found.  *next is where to go on: behind
 * the last range where the call stopped early, which its walk_end does not tell
 * once its own buffer has filled (do_pagemap_scan()). */
static enum memc_status step(struct pagemap *pm, uint64_t start, uint64_t end,
                             uint64_t *next)
{
    uint64_t began_ns = clock_now_ns();
    uint64_t max_pages = pm->max_pages;
    int n = scan(pm, start, end);
    adapt(pm, clock_now_ns() - began_ns);
    if (n == -EINTR)
        return MEMC_OK; /* again, from the same address */
    if (n < 0)
        return n == -ESRCH ? MEMC_ERR_GONE : MEMC_ERR_SYSTEM;

    *next = end;
    uint64_t pages = 0;
    enum memc_status st = MEMC_OK;
    for (int i = 0; st >= 0 && i < n; i++) {
        pages += (pm->ranges[i].end - pm->ranges[i].start) / pm->page_size;
        st = share(pm, &pm->ranges[i]);
    }
    if (n == RANGES || (n > 0 && pages >= max_pages))
        *next = pm->ranges[n - 1].end;
    return st;
}

/* The first address from `at` on that is mapped; USER_END when there is none. */
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
        uint64_t to = end - at < pm->span ? end : at + pm->span;
        st = step(pm, at, to, &at);
        at = skip_hole(pm, &row, at);
    }
    return st;
}

/* ---- the columns ------------------------------------------------------- */

static const uint8_t COLUMNS[] = {
    COL_RSS_KB, COL_SWAP_KB, COL_ANON_HUGE_PAGES_KB, COL_FILE_KB, COL_USS_KB,
};

static size_t n_columns(bool uss)
{
    return uss ? sizeof COLUMNS : sizeof COLUMNS - 1;
}

static enum memc_status fill_zero(const struct pagemap *pm)
{
    for (size_t i = 0; i < n_columns(pm->uss); i++) {
        enum memc_status st = table_fill_column(pm->table, COLUMNS[i]);
        if (st < 0)
            return st;
        memset(column(pm, COLUMNS[i]), 0, pm->table->rows * sizeof(uint64_t));
    }
    return MEMC_OK;
}

/* The swap of shared memory has no entry in a page table. */
static enum memc_status unset_shared_swap(struct pagemap *pm)
{
    const uint8_t *perm = table_u8(pm->table, COL_PERM);
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < pm->table->rows; i++) {
        if (perm[i] & PERM_SHARED && !is_hugetlb(pm, i))
            st = table_unset(pm->table, COL_SWAP_KB, i);
    }
    return st;
}

static enum memc_status fill(struct pagemap *pm)
{
    enum memc_status st = fill_zero(pm);
    if (st < 0)
        return st;
    pm->guard = PAGE_GUARD;
    uint64_t start = column(pm, COL_START)[0];
    if (scan(pm, start, start) == -EINVAL)
        pm->guard = 0;
    st = walk(pm);
    return st < 0 ? st : unset_shared_swap(pm);
}

enum memc_status pagemap_unset(struct memc_snapshot *t, bool uss)
{
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < n_columns(uss); i++) {
        t->columns[COLUMNS[i]].filled = 0;
        st = table_fill_missing(t, COLUMNS[i]);
    }
    return st;
}

/* It cannot be known: every value is missing, and the note says why. */
static enum memc_status unknown(struct memc_snapshot *t, bool uss,
                                enum memc_note_code code, const char *words)
{
    t->notes[code] = 1;
    t->note_words[code] = words;
    return pagemap_unset(t, uss);
}

static const char NO_SCAN[] = "rss_kb is unknown: this kernel cannot scan page tables "
                              "(PAGEMAP_SCAN, Linux 6.7), or this is a copy of /proc";
static const char NO_RIGHT[] =
    "rss_kb is unknown: pagemap may be read by the same user "
    "or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";

enum memc_status pagemap_fill(const struct source_file *maps, struct memc_snapshot *t,
                              bool uss)
{
    if (t->rows == 0)
        return MEMC_OK;
    struct pagemap *pm = calloc(1, sizeof *pm);
    if (!pm)
        return MEMC_ERR_MEMORY;
    pm->table = t;
    pm->maps = maps;
    pm->uss = uss;
    pm->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    pm->span = FIRST_SPAN;
    pm->max_pages = FIRST_PAGES;
    pm->huge_row = SIZE_MAX;
    enum memc_status st = source_open_file(maps->source, "pagemap", &pm->file, NULL);
    bool open = st >= 0;
    if (open) {
        st = fill(pm);
        source_close_file(&pm->file);
    }
    free(pm);
    if (st == MEMC_ERR_DENIED)
        return unknown(t, uss, MEMC_NOTE_DENIED, NO_RIGHT);
    if (st == MEMC_ERR_SYSTEM)
        return unknown(t, uss, MEMC_NOTE_DEGRADED, NO_SCAN);
    if (st == MEMC_ERR_GONE)
        return pagemap_unset(t, uss); /* the maps file will say that it is cut */
    return st;
}
