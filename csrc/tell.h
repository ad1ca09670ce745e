/* tell.h - what the native command says on stderr, in the words of memc-py. */
#ifndef MEMC_TELL_H
#define MEMC_TELL_H

#include "memc/memc.h"

/* Write an error; returns the exit status of a failure. */
int tell_error(const struct memc_error *err);

/* Write why a process of the root `proc` has no memory. */
void tell_empty(int32_t pid, const char *proc);

struct tell_progress {
    bool terminal; /* stderr is one: the progress is shown and wiped */
    bool begun;
    bool shown;
};

/* Write "Scanning 457 processes…", and on a terminal the progress.  A memc_progress_fn
 * whose context is a struct tell_progress *. */
void tell_progress(void *context, size_t done, size_t total);

/* Write which processes of the root `proc` were read and which were not: who, why, and
 * how much of the resident memory was not seen. */
void tell_system(const struct memc_system *system, const char *proc);

#endif
