/* classify.h - region types, by name and permission. */
#ifndef MEMC_CLASSIFY_H
#define MEMC_CLASSIFY_H

#include "table/table.h"

/* In the order of TYPE_NAMES. */
enum region_type {
    TYPE_HEAP,
    TYPE_STACK,
    TYPE_CODE,
    TYPE_SHARED_LIB,
    TYPE_MAPPED_FILE,
    TYPE_ANONYMOUS,
    TYPE_VDSO,
    TYPE_VVAR,
    TYPE_VSYSCALL,
    TYPE_UNKNOWN,
};

/* Return the type of a region that has this name. */
enum region_type classify(const char *str, size_t len, bool executable);

/* Fill the column `type`. */
enum memc_status classify_table(struct memc_snapshot *t);

#endif
