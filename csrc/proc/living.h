/*
 * living.h - where the memory of a process is if its own files tell of none.
 *
 * The first thread of a process may have ended while others live.  /proc/PID/maps is
 * empty then, and /proc/PID/task/TID/maps of a living thread has everything.
 */
#ifndef MEMC_LIVING_H
#define MEMC_LIVING_H

#include "proc/source.h"

enum living {
    LIVING_NONE,   /* it has no memory: a kernel thread or a zombie */
    LIVING_THREAD, /* another thread has it: the source reads that one's files now */
    LIVING_ENDING, /* it was killed, and the kernel still frees its memory */
    LIVING_GONE,   /* it has ended */
};

enum living living_look(struct source *s);

#endif
