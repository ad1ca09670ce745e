/*
 * pagescan.h - the system calls on page tables, in bounded steps.
 *
 * The ioctls are declared here because the kernel headers before Linux 6.7 and 6.11
 * lack them; the declarations are from include/uapi/linux/fs.h.
 */
#ifndef MEMC_PAGESCAN_H
#define MEMC_PAGESCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PAGESCAN_RANGES = 512,
    PAGESCAN_ENTRIES = 4096, /* pages a read of pagemap; the kernel walks 512 at once */
    PAGESCAN_GAP = 64,       /* pages that are read to save a call */
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

/* In an entry of pagemap: the page is present; it is of a file or of shared memory;
 * only this process maps it; and where it is, which is 0 for readers without
 * CAP_SYS_ADMIN. */
static const uint64_t PAGEMAP_PRESENT = (uint64_t)1 << 63;
static const uint64_t PAGEMAP_FILE = (uint64_t)1 << 61;
static const uint64_t PAGEMAP_EXCLUSIVE = (uint64_t)1 << 56;
static const uint64_t PAGEMAP_FRAME = ((uint64_t)1 << 55) - 1;

struct pagescan {
    int fd; /* pagemap */
    uint64_t page_size;
    uint64_t guard;     /* PAGE_GUARD if the kernel knows it */
    uint64_t span;      /* bytes that the next call may walk */
    uint64_t max_pages; /* pages that the next call may find */
    struct page_region ranges[PAGESCAN_RANGES];
    size_t n;         /* ranges that the last call found */
    size_t next;      /* the first of them that lies beyond what was read */
    size_t n_read;    /* entries since the process had its lock to itself */
    uint64_t held_ns; /* by scans, since then */
    uint64_t from;    /* what `entries` tell: [from, to) */
    uint64_t to;
    uint64_t entries[PAGESCAN_ENTRIES];
};

void pagescan_init(struct pagescan *ps, int fd, uint64_t page_size);

/*
 * Scan from `start` on, to `end` at most.  The ranges that are present or swapped come
 * into ps->ranges.  Returns how many ranges there are, or an errno below 0.  *next is
 * the address to continue from.
 */
int pagescan_step(struct pagescan *ps, uint64_t start, uint64_t end, uint64_t *next);

/* Give entries of pagemap for [start, end), as many as were read at once: what is asked
 * for next may be read with them, if it is of the same scan.  Returns how many, 0 when
 * the process has ended. */
size_t pagescan_entries(struct pagescan *ps, uint64_t start, uint64_t end,
                        const uint64_t **ret);

/* Read the entry of pagemap for one page.  False when the process has ended. */
bool pagescan_entry(const struct pagescan *ps, uint64_t address, uint64_t *ret);

/*
 * Count the bytes of [start, end) that are swapped out, without markers.  *untold
 * becomes true if the kernel does not tell which are markers, and then all bytes are
 * counted. False when the process has ended.
 */
bool pagescan_swapped(struct pagescan *ps, uint64_t start, uint64_t end,
                      uint64_t *bytes, bool *untold);

/* Let the process have its lock after each 2 ms for which it was held up. */
void pagescan_pause(uint64_t *held_ns, uint64_t took_ns);

/* Find the page size of the region at an address, by the open maps file (Linux
 * 6.11). */
bool pagescan_page_size(int maps_fd, uint64_t address, uint64_t *ret);

#endif
