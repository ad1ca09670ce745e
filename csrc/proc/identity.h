/* identity.h - who the process is that a source has open. */
#ifndef MEMC_IDENTITY_H
#define MEMC_IDENTITY_H

#include "proc/source.h"
#include "table/table.h"

/* Keep the name and the start time in the info of a snapshot.  `stat` is that of the
 * process, or of the thread whose files are read; it may be empty. */
void identity_keep(const struct source *s, const struct source_text *stat,
                   struct memc_snapshot *t);

/* Read the user, and what the options ask for, into `p`, which owns it. */
void identity_read(const struct source *s, const struct memc_options *options,
                   struct memc_process *p);

/* Exchange what identity_read() read. */
void identity_swap(struct memc_process *a, struct memc_process *b);

/* Copy what identity_read() read, as far as the options ask for it. */
void identity_copy(const struct memc_options *options, struct memc_process *p,
                   const struct memc_process *from);

/* Free what identity_read() read. */
void identity_forget(struct memc_process *p);

/* Read the comm into `name`, with a final NUL; false if it cannot be read. */
bool identity_name(const struct source *s, char name[COMM_SIZE], size_t *len);

#endif
