/*
 * witness.h - the proof that a process did nothing since it was read.
 *
 * To change its memory, or to make a thread, a thread of the process must run.  Its
 * schedstat then shows more time, and one more time slice:
 *
 *   1051371 0 2        ns on a CPU, ns waiting for one, time slices
 *
 * A witness keeps schedstat of every thread, and statm, open with the text that was
 * read of each before the first file of a snapshot.  If the texts are still the same at
 * a later time, no thread ran in between, with one exception: a thread that was on a
 * CPU at the first time, and has been there ever since without a tick of the clock,
 * which adds up its time.  So no thread may have been running (its state in stat) at
 * the first time, and the second time is later by several ticks.
 */
#ifndef MEMC_WITNESS_H
#define MEMC_WITNESS_H

#include "proc/source.h"

struct witness;

/* Make a witness of the process that the source has open, with one reference.  Returns
 * NULL if there can be no proof, or if half of the descriptors that this process may
 * have are open. */
struct witness *witness_create(const struct source *s);
struct witness *witness_ref(struct witness *w);
void witness_unref(struct witness *w); /* NULL is allowed */

/* Tell whether it was made of a process of this root; NULL means /proc. */
bool witness_is_of(const struct witness *w, const char *root);

enum witness_says {
    WITNESS_CHANGED, /* a thread ran, or may have run; the files are closed now */
    WITNESS_EARLY,   /* perhaps a thread ran: not enough time has passed */
    WITNESS_SAME,    /* no thread ran since witness_create() */
};

/* Ask at the time `now_ns` whether the process did anything.  Any thread may ask at any
 * time.  The number of bytes that the kernel printed is added to *bytes. */
enum witness_says witness_ask(struct witness *w, uint64_t now_ns, uint64_t *bytes);

#endif
