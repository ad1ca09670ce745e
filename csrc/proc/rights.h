/* rights.h - what this process may do. */
#ifndef MEMC_RIGHTS_H
#define MEMC_RIGHTS_H

#include <stdbool.h>

/* Whether one of the capabilities that open another's maps is effective
 * (mm_access() and proc_mem_open() in fs/proc/base.c). */
bool rights_are_enough(void);

#endif
