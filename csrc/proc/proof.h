/*
 * proof.h - prove that all files of a snapshot were of one memory.
 *
 * A process gets a new memory by exec.  Between vfork and exec it has that of its
 * parent, which lives on: a maps that was opened then looks whole for ever.  stat tells
 * where the memory has its code, its stack and its arguments.  These places are chosen
 * at exec, so stat is read before the first file is opened and after the last one is
 * read.
 */
#ifndef MEMC_PROOF_H
#define MEMC_PROOF_H

#include "proc/source.h"

struct proof {
    struct source_file stat; /* fd -1: it cannot be read, and nothing is proven */
    struct source_file maps; /* fd -1, unless the kernel hides the places in stat */
    bool hidden;             /* the kernel hides the places */
    size_t len;
    char places[512];
};

/* Begin; *stat is the text of stat, empty if it cannot be read. */
void proof_begin(struct proof *p, const struct source *s, enum memc_detail detail,
                 struct source_text *stat);

/* Return a number that processes with this memory have in common: forked ones have it
 * too.  0 if the kernel hides the places. */
uint64_t proof_key(const struct proof *p);

/* Tell whether the process still has the memory that it had at the beginning. */
bool proof_holds(const struct proof *p);

void proof_end(struct proof *p);

#endif
