/*
 * export.h - what an Arrow stream shows, worked out before its first array.
 *
 *              pid  name  uid  cgroup | start  end  perm ... rss_kb ...
 *   part 0:     made for the rows     | the columns of the tables themselves,
 *   part 1:     of each part          | but for numbers of strings
 *
 * A part is the table of one process and becomes one array.  All parts share the
 * columns, and each column of strings has one dictionary: tables number strings
 * each on their own, so those numbers are written anew, and a name that is not
 * UTF-8 gets its replacement.  Everything else is shown where it is.
 */
#ifndef MEMC_EXPORT_H
#define MEMC_EXPORT_H

#include <stdatomic.h>

#include "system.h"

enum export_source {
    FROM_TABLE,   /* a column, as it is */
    FROM_STRINGS, /* a column of numbers of strings, written anew */
    FROM_PATHS,   /* the exact bytes, in hex, of paths that are not UTF-8 */
    FROM_PID,     /* what the process of the part is */
    FROM_NAME,
    FROM_UID,
    FROM_CGROUP,
};

struct export_column {
    const char *name;
    const char *format;        /* Arrow's, of what is stored */
    size_t field;              /* of a table: its number in FIELDS; N_FIELDS: */
    const char *key;           /*   not in there, called this in the tables, */
    enum memc_unit unit;       /*   and of this unit */
    enum export_source source; /* where the values come from */
    struct strpool strings;    /* the dictionary, if it has one */
    uint32_t first;            /* begins with this string: 1 leaves out "" */
    bool has_strings;
};

/* The memory of one column in one part. */
struct export_buffers {
    const void *values;
    const void *valid; /* NULL when none is missing */
};

struct export_part {
    size_t rows;
    struct memc_snapshot *table;        /* or NULL: all memory was copied */
    const struct system_entry *process; /* while this is made; or NULL */
    struct export_buffers *buffers;     /* one a column */
};

struct export
{
    atomic_size_t refs;
    struct export_column *columns;
    size_t n_columns;
    struct export_part *parts;
    size_t n_parts;
    struct piece *pieces; /* memory that was made for it */
    void *zeros;          /* of the largest part, for columns that a part lacks */
};

/* One reference; it holds the tables, not the system. */
enum memc_status export_snapshot(struct memc_snapshot *snap, struct export **ret);
enum memc_status export_system(const struct memc_system *system, struct export **ret);
enum memc_status export_copy(const struct memc_arrow *from, struct export **ret);

struct export *export_ref(struct export *e);
void export_unref(struct export *e);

/* One reference, no columns, and room for the parts; NULL if memory runs out. */
struct export *export_create(size_t n_parts);

enum memc_status export_add_column(struct export *e, struct export_column column);

/* Zeroed memory, 64-byte aligned, that goes with the export; NULL if there is none. */
void *export_alloc(struct export *e, size_t size);

/* Work out the buffers of every part, and the dictionaries. */
enum memc_status export_fill(struct export *e);

#endif
