/* share.h - the memory that snapshots of one process share: share.c. */
#ifndef MEMC_SHARE_H
#define MEMC_SHARE_H

#include "table/table.h"

/* Give back the use of a body.  NULL is allowed. */
void share_drop(struct body *body);

#endif
