/* tell.h - what the native command says on stderr, in the words of memc-py. */
#ifndef MEMC_TELL_H
#define MEMC_TELL_H

#include "memc/memc.h"

/* Write an error; returns the exit status of a failure. */
int tell_error(const struct memc_error *err);

/* Write why a process has no memory. */
void tell_empty(int32_t pid);

/* Write which processes were read and which were not: who, why, and how much of the
 * resident memory was not seen. */
void tell_system(const struct memc_system *system);

#endif
