/* identity.h - who the process is that a source has open. */
#ifndef MEMC_IDENTITY_H
#define MEMC_IDENTITY_H

#include "proc/source.h"
#include "table/table.h"

/* Read the name and the start time into the info of a snapshot. */
void identity_read(const struct source *s, struct memc_snapshot *t);

/* Read the comm into `name`, with a final NUL; false if it cannot be read. */
bool identity_name(const struct source *s, char name[COMM_SIZE], size_t *len);

/* Find the effective user; false if it cannot be read. */
bool identity_uid(const struct source *s, uint32_t *ret);

/* Return the path of the control group, to be freed; NULL if it cannot be read. */
char *identity_cgroup(const struct source *s, size_t *len);

/* Return the command line, to be freed, with a blank between the arguments; NULL if it
 * cannot be read. */
char *identity_cmdline(const struct source *s, size_t *len);

#endif
