/* rights.h - what this process may do. */
#ifndef MEMC_RIGHTS_H
#define MEMC_RIGHTS_H

#include <stdbool.h>

/* Tell whether this process has one of the capabilities that open another user's maps
 * (mm_access() and proc_mem_open() in fs/proc/base.c). */
bool rights_are_enough(void);

#endif
