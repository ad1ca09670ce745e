/*
 * header.h - a line of maps, which is also the first line of a record of smaps:
 *
 *   55d0c8a00000-55d0c8a02000 r--p 00001000 103:02 787212         /usr/bin/cat
 *   start        end          perm offset   device inode  blanks  name
 *
 * (show_vma_header_prefix() and show_map_vma() in fs/proc/task_mmu.c)
 */
#ifndef MEMC_HEADER_H
#define MEMC_HEADER_H

#include "parse/expect.h"
#include "table/fields.h"

/* An address: its first and last eight digits as text, and their values.  Most
 * addresses begin as the one before did, and many regions start where the last one
 * ends. */
struct address {
    uint64_t first_text;
    uint64_t last_text;
    uint64_t first;
    uint64_t last;
    size_t digits; /* 0: there was no address yet */
};

struct header {
    uint64_t start;
    uint64_t end;
    uint64_t perm; /* PERM_* */
    uint64_t offset;
    uint64_t dev_major;
    uint64_t dev_minor;
    uint64_t inode;
    struct scan name;       /* as printed, with blanks at its end */
    struct address address; /* the last address that header_take() read */
};

/* Parse the line that `e` is on, without its newline.  Makes every check. */
bool header_parse(struct expect *e, struct header *ret);

/* Take a line and its newline if the kernel printed it in the usual way.  False if
 * anything is unusual, whether it is wrong or not.  *h is the header before it, or
 * zero. */
bool header_take(struct scan *text, struct header *h);

#endif
