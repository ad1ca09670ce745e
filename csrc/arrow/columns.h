/*
 * columns.h - what an Arrow stream shows, worked out before its first array.
 *
 *              pid  name  uid  cgroup ... | start  end  perm ... rss_kb ...
 *   part 0:     made for the rows         | the columns of the tables themselves,
 *   part 1:     of each part              | except for numbers of strings
 *
 * A part is the table of one process, and becomes one array.  All parts share the
 * columns, and each column of strings has one dictionary.  Each table numbers its
 * strings in its own way, so these numbers are written again; a name that is not UTF-8
 * gets its replacement.  All other values stay where they are.
 *
 * Snapshots of totals have no regions: each part has one row, with the totals.
 */
#ifndef MEMC_COLUMNS_H
#define MEMC_COLUMNS_H

#include <stdatomic.h>

#include "proc/system.h"

enum exported_source {
    FROM_TABLE,   /* a column of the tables, as it is */
    FROM_STRINGS, /* a column of the tables that numbers strings, written again */
    FROM_PATHS,   /* the exact bytes of paths that are not UTF-8, in hex */
    FROM_RSS,     /* a total of the process, for a stream of totals */
    FROM_VSIZE,
    FROM_TOTALS,
    FROM_PID, /* from here on, what is known of the process */
    FROM_NAME,
    FROM_UID,
    FROM_CGROUP,
    FROM_STARTED,
    FROM_CMDLINE,
};

struct exported_column {
    const char *name;
    const char *format; /* Arrow's, of the stored values */
    size_t field;       /* the number in FIELDS, or of a total; N_FIELDS: it is none, */
    const char *key;    /*   and the tables call it so */
    enum memc_unit unit;         /*   and it has this unit */
    enum exported_source source; /* where the values come from */
    struct strpool strings;      /* the dictionary, if it has one */
    uint32_t first; /* the first string of the dictionary: 1 leaves out "" */
    bool has_strings;
    const char *note;     /* what a reader must know; NULL: nothing */
    const char *metadata; /* the note as Arrow encodes it */
};

/* The memory of one column in one part. */
struct exported_buffers {
    const void *values;
    const void *valid; /* NULL when none is missing */
};

struct exported_part {
    size_t rows;
    struct memc_snapshot *table;      /* NULL if all memory was copied */
    struct memc_process process;      /* of a system; used while the part is made */
    struct exported_buffers *buffers; /* one for each column */
};

struct exported {
    atomic_size_t refs;
    struct exported_column *columns;
    size_t n_columns;
    struct exported_part *parts;
    size_t n_parts;
    bool of_totals;       /* no part has regions, every part has totals */
    struct block *blocks; /* memory that this owns */
    void *zeros; /* as many as the largest part needs, for columns that a part lacks */
};

/* Add the columns of all parts.  For a system, add the columns of the process first. */
enum memc_status columns_add(struct exported *e, const struct memc_system *system);

/* Add a column, and encode its note.  A column of strings gets a dictionary, unless it
 * brings one. */
enum memc_status columns_append(struct exported *e, struct exported_column column);

#endif
