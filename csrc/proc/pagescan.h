/*
 * pagescan.h - the system calls on page tables, in bounded steps.
 *
 * The ioctls are declared here because the kernel headers before Linux 6.7 and 6.11
 * lack them; the declarations are from include/uapi/linux/fs.h.
 */
#ifndef MEMC_PAGESCAN_H
#define MEMC_PAGESCAN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PAGESCAN_RANGES = 512,
    PAGESCAN_ENTRIES = 4096, /* pages a read of pagemap; the kernel walks 512 at once */
};

/* The categories that cost the kernel nothing.  PAGE_IS_FILE makes it look at each
 * page, which doubles the time of a scan. */
enum {
    PAGE_PRESENT = 1 << 3,
    PAGE_SWAPPED = 1 << 4,
    PAGE_PFNZERO = 1 << 5,
    PAGE_HUGE = 1 << 6,
    PAGE_GUARD = 1 << 8, /* Linux 6.15 */
};

/* Pages that are alike. */
struct page_region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};

/* Bytes that only this process maps, and bytes of files and shared memory. */
struct page_kinds {
    uint64_t exclusive;
    uint64_t files;
};

struct pagescan {
    int fd; /* pagemap */
    uint64_t page_size;
    uint64_t guard;     /* PAGE_GUARD if the kernel knows it */
    uint64_t span;      /* bytes that the next call may walk */
    uint64_t max_pages; /* pages that the next call may find */
    struct page_region ranges[PAGESCAN_RANGES];
    uint64_t entries[PAGESCAN_ENTRIES];
};

void pagescan_init(struct pagescan *ps, int fd, uint64_t page_size);

/*
 * Scan from `start` on, to `end` at most.  The ranges that are present or swapped come
 * into ps->ranges.  Returns how many ranges there are, or an errno below 0.  *next is
 * the address to continue from.
 */
int pagescan_step(struct pagescan *ps, uint64_t start, uint64_t end, uint64_t *next);

/* Count the kinds of resident pages in [start, end).  False when the process has
 * ended. */
bool pagescan_kinds(struct pagescan *ps, uint64_t start, uint64_t end,
                    struct page_kinds *kinds);

/*
 * Count the bytes of [start, end) that are swapped out, without markers.  *untold
 * becomes true if the kernel does not tell which are markers, and then all bytes are
 * counted. False when the process has ended.
 */
bool pagescan_swapped(struct pagescan *ps, uint64_t start, uint64_t end,
                      uint64_t *bytes, bool *untold);

/* Find the page size of the region at an address, by the open maps file (Linux
 * 6.11). */
bool pagescan_page_size(int maps_fd, uint64_t address, uint64_t *ret);

#endif
