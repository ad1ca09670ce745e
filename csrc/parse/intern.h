/* intern.h - names and flags, as the kernel prints them, into the string pool. */
#ifndef MEMC_INTERN_H
#define MEMC_INTERN_H

#include "base/scan.h"
#include "base/strpool.h"

/* A pathname, with the kernel's \012 made a newline. */
enum memc_status intern_name(struct strpool *strings, struct scan s, uint32_t *ret);

/* The value of VmFlags: "rd wr mr " becomes "rd wr mr". */
enum memc_status intern_flags(struct strpool *strings, struct scan s, uint32_t *ret);

#endif
