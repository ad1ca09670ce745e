/*
 * stat.h - the fields of /proc/PID/stat.
 *
 *   714 (cat) S 1 714 714 34816 ... 4711 ...
 *   1    2    3 4                   22: the start time
 *
 * The name may hold blanks, brackets and newlines: it ends at the last bracket
 * (do_task_stat() in fs/proc/array.c).
 */
#ifndef MEMC_STAT_H
#define MEMC_STAT_H

#include "proc/source.h"

enum {
    STAT_STATE = 3,
    STAT_PARENT = 4,
    STAT_FLAGS = 9,
    STAT_THREADS = 20,
    STAT_STARTED = 22,
    STAT_START_CODE = 26,
    STAT_START_STACK = 28,
    STAT_START_DATA = 45,
    STAT_ENV_END = 51,
};

/* Find the name; false if the text is no stat. */
bool stat_name(const struct source_text *stat, struct scan *ret);

/* Find the text from field `first` to field `last`, with the blanks between; false if a
 * field is not there.  STAT_STATE is the first that can be found. */
bool stat_fields(const struct source_text *stat, int first, int last, struct scan *ret);

/* Find a field that is a number. */
bool stat_number(const struct source_text *stat, int field, uint64_t *ret);

#endif
