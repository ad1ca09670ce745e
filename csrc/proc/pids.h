/* pids.h - the processes that a root of /proc lists. */
#ifndef MEMC_PIDS_H
#define MEMC_PIDS_H

#include "memc/memc.h"

/* List the pids in ascending order; the caller frees them.  MEMC_ERR_SYSTEM when the
 * directory cannot be read; errno tells why. */
enum memc_status pids_list(int root, int32_t **ret, size_t *n_ret);

#endif
