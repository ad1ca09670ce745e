/*
 * same.h - processes that have one memory in common: a child between vfork and exec,
 * and what clone() made with CLONE_VM.
 */
#ifndef MEMC_SAME_H
#define MEMC_SAME_H

#include "proc/source.h"
#include "proc/system_entry.h"

/* Of the processes that share a memory, leave it to the one that started first.  The
 * snapshots of the others become empty and name that one.  The entries are in order of
 * pid.  The kernel is not asked about
 * those of a copy, nor of another pid namespace, where a pid is not that of memc. */
enum memc_status same_find(const struct source *s, struct system_entry *all,
                           size_t n_all);

#endif
