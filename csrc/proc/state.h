/* state.h - why a process has no memory: it is a kernel thread, it has ended, ... */
#ifndef MEMC_STATE_H
#define MEMC_STATE_H

#include "proc/source.h"

/* Return words for a process of the root `proc` that was read and has no regions. */
const char *state_why_empty(int32_t pid, const char *proc);

/* Find the effective user in status, which a process cannot hide as it can the owner of
 * its directory. */
bool state_uid(const struct source *s, uint32_t *ret);

#endif
