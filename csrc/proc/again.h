/* again.h - tell an earlier snapshot again, if the process did nothing since. */
#ifndef MEMC_AGAIN_H
#define MEMC_AGAIN_H

#include "proc/witness.h"
#include "table/table.h"

/* Make a snapshot that tells `options->after` again; false if the process must be read.
 * Then *witness is one that the new snapshot may keep, with a reference for it, or
 * NULL. */
bool again_tell(int32_t pid, const struct memc_options *options,
                struct witness **witness, struct memc_snapshot **ret);

/* Do the same without a root, which the witness has open; the note "late" is made. */
bool again_tell_alone(int32_t pid, const struct memc_options *options,
                      struct memc_snapshot **ret);

/* Let a snapshot that was read now own a reference to a witness, which may be NULL. */
void again_keep(struct memc_snapshot *t, struct witness *witness);

/* Let go of the witness: others, whose threads it does not have, use this memory. */
void again_forget(struct memc_snapshot *t);

#endif
