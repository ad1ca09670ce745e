/*
 * quick.h - the fast path: records that are laid out as the kernel prints them.
 *
 * It takes a whole record, or a whole line of maps, or nothing.  The result is exactly
 * that of the general parser.  Anything unusual is left to the general parser, which
 * defines what is valid.
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
    uint64_t text[4]; /* as it was in the last record, from bytes 0, 8, 16 and 20 */
    uint64_t value;   /* the number in the text; 0 for Size, which makes no column */
    uint64_t *values; /* of its column; NULL: all are 0 */
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
    size_t misses;        /* how many records in a row were laid out in another way */
    bool running;         /* the columns have more values than their `filled` tells */
    size_t row_cap;       /* of the table when `values` were looked up */
    struct header header; /* of the last region */
    uint32_t name_id;     /* its name */
    struct quick_flags flags[QUICK_FLAGS];
};

/* Learn the layout of a record from its counters, which the general parser has read. */
void quick_learn(struct quick *q, const struct memc_snapshot *t, struct scan counters);

/*
 * Take the record that *text starts with, or with `maps` the line.  Returns MEMC_OK and
 * sets *lines to 0 if the general parser must take it.
 */
enum memc_status quick_take(struct quick *q, struct memc_snapshot *t, struct scan *text,
                            bool maps, uint64_t *lines);

/* Call this before anybody else changes the table. */
void quick_pause(struct quick *q, struct memc_snapshot *t);

#endif
