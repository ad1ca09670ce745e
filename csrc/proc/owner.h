/* owner.h - whose a process is: its user and its control group. */
#ifndef MEMC_OWNER_H
#define MEMC_OWNER_H

#include "proc/source.h"

/* The effective user of the process that is open; false if nothing tells. */
bool owner_uid(const struct source *s, uint32_t *ret);

/* The path of its control group, to be freed; NULL if nothing tells. */
char *owner_cgroup(const struct source *s, size_t *len);

#endif
