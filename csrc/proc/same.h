/*
 * same.h - processes that have one memory in common: a child between vfork and exec,
 * and what clone() made with CLONE_VM.
 */
#ifndef MEMC_SAME_H
#define MEMC_SAME_H

#include "proc/system_entry.h"

/* Of the processes that share a memory, leave it to the one that started first.  The
 * snapshots of the others become empty and name that one.  The entries are in order of
 * pid.  With `is_copy`, nobody lives who could be asked. */
enum memc_status same_find(struct system_entry *all, size_t n_all, bool is_copy);

#endif
