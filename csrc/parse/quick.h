/*
 * quick.h - the fast path: records that are laid out as the kernel prints them.
 *
 * It takes a whole record, or a whole line of maps, or nothing; what it takes it
 * takes exactly as the general parser would.  What differs in any way is left to
 * that one, which stays the definition.
 */
#ifndef MEMC_QUICK_H
#define MEMC_QUICK_H

#include "parse/header.h"
#include "table/table.h"

enum { QUICK_LINES = 40, QUICK_FLAGS = 16, QUICK_FLAGS_SIZE = 128 };

/* The parts of a counter line. */
enum {
    QUICK_KEY = 16,
    QUICK_NUMBER = 8,
    QUICK_UNIT = 4,
    QUICK_LINE = QUICK_KEY + QUICK_NUMBER + QUICK_UNIT,
};

/*
 * A counter line as the kernel prints it, at a fixed place in the record:
 *
 *   |Private_Dirty:  |      12| kB\n|      |THPeligible:    |       0|\n|
 *    key, 16 bytes     8        4           key, 16 bytes     8        1
 */
struct quick_line {
    uint32_t at; /* from the end of the header */
    uint32_t column;
    uint64_t text[4]; /* as it was last, from bytes 0, 8, 16 and 20 on */
    uint64_t value;   /* which that says; 0 for Size, which makes no column */
    uint64_t *values; /* of its column; NULL while all are 0 */
    uint32_t unit;    /* " kB\n" or "\n" with three bytes of nothing */
    uint32_t unit_mask;
};

/* The text of a VmFlags line, and the string it became. */
struct quick_flags {
    uint32_t id;
    uint32_t len; /* 0: empty */
    char text[QUICK_FLAGS_SIZE];
};

struct quick {
    struct quick_line lines[QUICK_LINES];
    size_t n_lines;
    size_t size;          /* of all lines */
    size_t misses;        /* records in a row that were laid out otherwise */
    bool running;         /* the columns have more values than their `filled` says */
    size_t row_cap;       /* of the table when `values` were looked up */
    struct header header; /* of the last region */
    uint32_t name_id;     /* its name */
    struct quick_flags flags[QUICK_FLAGS];
};

/* Learn the layout of a record's counters, which the general parser has taken. */
void quick_learn(struct quick *q, const struct memc_snapshot *t, struct scan counters);

/*
 * Take the record (or with `maps` the line) that *text starts with.  MEMC_OK and
 * *lines == 0 when it must go through the general parser.
 */
enum memc_status quick_take(struct quick *q, struct memc_snapshot *t, struct scan *text,
                            bool maps, uint64_t *lines);

/* To be called before the table is touched by anybody else. */
void quick_pause(struct quick *q, struct memc_snapshot *t);

#endif
