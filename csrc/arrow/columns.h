/*
 * columns.h - what an Arrow stream shows, worked out before its first array.
 *
 *              pid  name  uid  cgroup ... | start  end  perm ... rss_kb ...
 *   part 0:     made for the rows         | the columns of the tables themselves,
 *   part 1:     of each part              | but for numbers of strings
 *
 * A part is the table of one process and becomes one array.  All parts share the
 * columns, and each column of strings has one dictionary: tables number strings
 * each on their own, so those numbers are written anew, and a name that is not
 * UTF-8 gets its replacement.  Everything else is shown where it is.
 */
#ifndef MEMC_COLUMNS_H
#define MEMC_COLUMNS_H

#include <stdatomic.h>

#include "proc/system.h"

enum exported_source {
    FROM_TABLE,   /* a column, as it is */
    FROM_STRINGS, /* a column of numbers of strings, written anew */
    FROM_PATHS,   /* the exact bytes, in hex, of paths that are not UTF-8 */
    FROM_PID,     /* what the process of the part is */
    FROM_NAME,
    FROM_UID,
    FROM_CGROUP,
    FROM_STARTED,
    FROM_CMDLINE,
};

struct exported_column {
    const char *name;
    const char *format;          /* Arrow's, of what is stored */
    size_t field;                /* of a table: its number in FIELDS; N_FIELDS: */
    const char *key;             /*   not in there, called this in the tables, */
    enum memc_unit unit;         /*   and of this unit */
    enum exported_source source; /* where the values come from */
    struct strpool strings;      /* the dictionary, if it has one */
    uint32_t first;              /* begins with this string: 1 leaves out "" */
    bool has_strings;
    const char *note;     /* what a reader has to know; NULL: nothing */
    const char *metadata; /* the note as Arrow encodes it */
};

/* The memory of one column in one part. */
struct exported_buffers {
    const void *values;
    const void *valid; /* NULL when none is missing */
};

struct exported_part {
    size_t rows;
    struct memc_snapshot *table;      /* or NULL: all memory was copied */
    struct memc_process process;      /* while this is made, of a system */
    struct exported_buffers *buffers; /* one a column */
};

struct exported {
    atomic_size_t refs;
    struct exported_column *columns;
    size_t n_columns;
    struct exported_part *parts;
    size_t n_parts;
    struct block *blocks; /* memory that was made for it */
    void *zeros;          /* of the largest part, for columns that a part lacks */
};

/* Add the columns of all parts, and if they are of a system, those of the process
 * before them. */
enum memc_status columns_add(struct exported *e, const struct memc_system *system);

/* Add a column and encode its note; one that has strings gets a dictionary, unless it
 * brings one. */
enum memc_status columns_append(struct exported *e, struct exported_column column);

#endif
