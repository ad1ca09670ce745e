#include "proc/pagescan.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

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

/* How much one call may do.  A page that is found costs about 56 ns (88 ms for 6 GiB),
 * so 8,192 pages take half a millisecond.  Empty page tables cost less, and what is not
 * mapped costs nothing. */
enum { FIRST_PAGES = 1 << 13, MIN_PAGES = 1 << 10 };
enum { FAST_NS = 250000, SLOW_NS = 700000 };
enum { HELD_NS = 2000000, PAUSE_NS = 50000 };
static const uint64_t FIRST_SPAN = (uint64_t)1 << 30;
static const uint64_t MIN_SPAN = (uint64_t)1 << 22;
static const uint64_t MAX_SPAN = (uint64_t)1 << 40;
static const uint64_t MAX_PAGES = (uint64_t)1 << 14;

/* Entries that are read in small parts before the process has its lock to itself: it
 * may get it between any two parts, and a pause costs as much as 500 entries. */
enum { PARTS_ENTRIES = 4 * PAGESCAN_ENTRIES };

enum { ENTRY_SIZE = 8 };

/* In an entry of what is not present: the type and the offset of a swap entry, which
 * are 0 without CAP_SYS_ADMIN.  Real swap has an offset, and a type below SWAP_AREAS;
 * the last types are those of device memory, migration, poison and markers
 * (MAX_SWAPFILES in include/linux/swap.h). */
static const uint64_t SWAP_ENTRY = (uint64_t)1 << 62;
static const uint64_t SWAP_PLACE = ((uint64_t)1 << 55) - 1;
enum { SWAP_TYPE = 31, SWAP_AREAS = 23 };

/* Scan once.  Returns how many ranges there are, or an errno below 0. */
static int scan(struct pagescan *ps, uint64_t start, uint64_t end)
{
    struct pm_scan_arg arg = {
        .size = sizeof arg,
        .start = start,
        .end = end,
        .vec = (uintptr_t)ps->ranges,
        .vec_len = PAGESCAN_RANGES,
        .max_pages = ps->max_pages,
        .category_anyof_mask = PAGE_PRESENT | PAGE_SWAPPED,
        .return_mask =
            PAGE_PRESENT | PAGE_SWAPPED | PAGE_PFNZERO | PAGE_HUGE | ps->guard,
    };
    int n = ioctl(ps->fd, SCAN_IOCTL, &arg);
    return n < 0 ? -errno : n;
}

void pagescan_init(struct pagescan *ps, int fd, uint64_t page_size)
{
    ps->fd = fd;
    ps->page_size = page_size;
    ps->n = ps->n_read = 0;
    ps->held_ns = 0;
    ps->from = ps->to = 0;
    ps->span = FIRST_SPAN;
    ps->max_pages = FIRST_PAGES;
    ps->guard = PAGE_GUARD;
    if (scan(ps, 0, 0) == -EINVAL) /* the kernel does not know the category */
        ps->guard = 0;
}

static uint64_t within(uint64_t value, uint64_t min, uint64_t max)
{
    if (value < min)
        return min;
    return value < max ? value : max;
}

/* Let the next call do more or less, depending on how long this one took. */
static void adapt(struct pagescan *ps, uint64_t took_ns)
{
    if (took_ns > SLOW_NS) {
        ps->span = within(ps->span / 2, MIN_SPAN, MAX_SPAN);
        ps->max_pages = within(ps->max_pages / 2, MIN_PAGES, MAX_PAGES);
    } else if (took_ns < FAST_NS) {
        ps->span = within(ps->span * 2, MIN_SPAN, MAX_SPAN);
        ps->max_pages = within(ps->max_pages * 2, MIN_PAGES, MAX_PAGES);
    }
}

/* Return where to continue.  A call that stopped early must be continued after its last
 * range: the walk_end that the kernel gives is out of date when the buffer of the
 * kernel has filled (do_pagemap_scan() in fs/proc/task_mmu.c). */
static uint64_t follow(const struct pagescan *ps, int n, uint64_t max_pages,
                       uint64_t end)
{
    uint64_t pages = 0;
    for (int i = 0; i < n; i++)
        pages += (ps->ranges[i].end - ps->ranges[i].start) / ps->page_size;
    bool early = n == PAGESCAN_RANGES || pages >= max_pages;
    return n > 0 && early ? ps->ranges[n - 1].end : end;
}

/*
 * Let the process have its lock.  A reader that comes back at once takes the lock again
 * before a waiting writer has woken, for 10 ms and more (the lock stealing of
 * rwsem_down_read_slowpath() in kernel/locking/rwsem.c).
 */
static void let_go(void)
{
    struct timespec pause = {.tv_nsec = PAUSE_NS};
    (void)nanosleep(&pause, NULL);
}

void pagescan_pause(uint64_t *held_ns, uint64_t took_ns)
{
    *held_ns += took_ns;
    if (*held_ns <= HELD_NS)
        return;
    let_go();
    *held_ns = 0;
}

int pagescan_step(struct pagescan *ps, uint64_t start, uint64_t end, uint64_t *next)
{
    uint64_t began_ns = clock_now_ns();
    uint64_t max_pages = ps->max_pages;
    if (end - start > ps->span)
        end = start + ps->span;
    int n = scan(ps, start, end);
    ps->n = n > 0 ? (size_t)n : 0;
    ps->next = 0;
    ps->from = ps->to = 0;
    uint64_t took_ns = clock_now_ns() - began_ns;
    adapt(ps, took_ns);
    pagescan_pause(&ps->held_ns, took_ns);
    if (n == -EINTR) {
        *next = start;
        return 0;
    }
    if (n >= 0)
        *next = follow(ps, n, max_pages, end);
    return n;
}

/* Tell whether entries of a range are worth a look beside those of another. */
static bool is_plain(const struct page_region *range)
{
    const uint64_t kinds = PAGE_PRESENT | PAGE_PFNZERO | PAGE_HUGE | PAGE_GUARD;
    return (range->categories & kinds) == PAGE_PRESENT;
}

/* Return how far to read at once from `start` on, to `end` at least: a call costs as
 * much as some hundred entries, so that what lies between two ranges is read too. */
static uint64_t read_to(struct pagescan *ps, uint64_t start, uint64_t end)
{
    const struct page_region *r = ps->ranges;
    uint64_t most = start + PAGESCAN_ENTRIES * ps->page_size;
    while (ps->next < ps->n && r[ps->next].end <= end)
        ps->next++;
    for (size_t i = ps->next; i < ps->n && is_plain(&r[i]); i++) {
        uint64_t from = r[i].start < end ? end : r[i].start;
        if (from - end > PAGESCAN_GAP * ps->page_size || from >= most)
            break;
        end = r[i].end;
    }
    return end < most ? end : most;
}

static void read_entries(struct pagescan *ps, uint64_t start, uint64_t end)
{
    size_t size = (end - start) / ps->page_size * ENTRY_SIZE;
    off_t at = (off_t)(start / ps->page_size * ENTRY_SIZE);
    ssize_t n = pread(ps->fd, ps->entries, size, at);
    size_t count = n < ENTRY_SIZE ? 0 : (size_t)n / ENTRY_SIZE;
    ps->from = start;
    ps->to = start + count * ps->page_size;
    ps->n_read += count;
    if (count < PAGESCAN_ENTRIES && ps->n_read < PARTS_ENTRIES)
        return;
    ps->n_read = 0;
    let_go();
}

size_t pagescan_entries(struct pagescan *ps, uint64_t start, uint64_t end,
                        const uint64_t **ret)
{
    if (start < ps->from || start >= ps->to)
        read_entries(ps, start, read_to(ps, start, end));
    *ret = ps->entries + (start - ps->from) / ps->page_size;
    return ((end < ps->to ? end : ps->to) - start) / ps->page_size;
}

bool pagescan_entry(const struct pagescan *ps, uint64_t address, uint64_t *ret)
{
    off_t at = (off_t)(address / ps->page_size * ENTRY_SIZE);
    return pread(ps->fd, ret, ENTRY_SIZE, at) == ENTRY_SIZE;
}

bool pagescan_swapped(struct pagescan *ps, uint64_t start, uint64_t end,
                      uint64_t *bytes, bool *untold)
{
    while (start < end && !*untold) {
        const uint64_t *entries;
        size_t count = pagescan_entries(ps, start, end, &entries);
        if (count == 0)
            return false;
        size_t found = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t place = entries[i] & SWAP_PLACE;
            bool swapped = (entries[i] & SWAP_ENTRY) != 0;
            *untold = *untold || (swapped && place == 0);
            found += swapped && (place & SWAP_TYPE) < SWAP_AREAS;
        }
        *bytes += found * ps->page_size;
        start += count * ps->page_size;
    }
    *bytes += end - start;
    return true;
}

bool pagescan_page_size(int maps_fd, uint64_t address, uint64_t *ret)
{
    struct procmap_query query = {.size = sizeof query, .query_addr = address};
    if (ioctl(maps_fd, QUERY_IOCTL, &query) != 0)
        return false;
    *ret = query.vma_page_size;
    return true;
}
