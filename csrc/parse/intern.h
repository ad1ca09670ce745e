/* intern.h - names and flags, as the kernel prints them, into the string pool. */
#ifndef MEMC_INTERN_H
#define MEMC_INTERN_H

#include "base/scan.h"
#include "base/strpool.h"

/* Intern a pathname: the \012 that the kernel prints becomes a newline. */
enum memc_status intern_name(struct strpool *strings, struct scan s, uint32_t *ret);

/* Intern the value of VmFlags: "rd wr mr " becomes "rd wr mr". */
enum memc_status intern_flags(struct strpool *strings, struct scan s, uint32_t *ret);

#endif
