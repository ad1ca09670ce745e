/*
 * expect.h - a cursor that says what it expected, and where.
 *
 * An expect_* function reads at the cursor and moves the cursor past what it read.  On
 * failure it returns false, leaves the cursor at the error, and sets `what`.
 */
#ifndef MEMC_EXPECT_H
#define MEMC_EXPECT_H

#include "base/scan.h"

struct expect {
    struct scan at;
    const char *what; /* static; NULL: no error */
};

/* A number: its base, the byte that must follow it (0: any byte), and its name. */
struct number {
    unsigned base;
    char behind;
    const char *what;
};

static inline bool expect_failed(struct expect *e, const char *pos, const char *what)
{
    e->at.pos = pos;
    e->what = what;
    return false;
}

static inline bool expect_number(struct expect *e, const struct number *n,
                                 uint64_t *ret)
{
    struct scan *s = &e->at;
    if (!scan_number(s, n->base, UINT64_MAX, ret)) {
        bool too_long = s->pos < s->end && scan_digit(*s->pos) < n->base;
        const char *what = too_long ? "a number of at most 64 bits" : n->what;
        return expect_failed(e, s->pos, what);
    }
    if (n->behind && !scan_char(s, n->behind))
        return expect_failed(e, s->pos, n->what);
    return true;
}

#endif
