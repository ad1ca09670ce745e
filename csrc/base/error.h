/* error.h - a call fails: fill *err, unless it is NULL, and return the status. */
#ifndef MEMC_ERROR_H
#define MEMC_ERROR_H

#include <errno.h>

#include "memc/memc.h"

static inline enum memc_status error_fill(struct memc_error *err,
                                          struct memc_error value)
{
    if (err)
        *err = value;
    return value.status;
}

/* The same for an error that the status says completely, such as MEMC_ERR_MEMORY. */
static inline enum memc_status error_status(struct memc_error *err, enum memc_status st)
{
    return error_fill(err, (struct memc_error){.status = st});
}

/* Tell whether a security module or a sandbox refused, not a check of ptrace. */
static inline bool error_is_refusal(const struct memc_error *err)
{
    return err->sys_errno == EPERM && err->hint != MEMC_HINT_HIDDEN;
}

#endif
