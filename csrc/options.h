/* options.h - what the command line of the native command asks for. */
#ifndef MEMC_OPTIONS_H
#define MEMC_OPTIONS_H

#include "memc/memc.h"

struct request {
    int32_t pid; /* 0: none given */
    bool all;
    bool smaps;
    bool rss;
    bool uss;
    bool pss;
    bool totals;
    bool compact;
    bool full;
    bool skip_kernel;
    bool version;
    uint32_t jobs;         /* 0: not given */
    uint64_t max_stall_ms; /* 0: not given */
    const char *proc;
    enum memc_detail detail; /* which the options choose */
};

/* Read the command line.  False: it is not one of those that the native command answers
 * itself, or it is wrong; memc-py knows. */
bool options_read(struct request *r, char **argv);

#endif
