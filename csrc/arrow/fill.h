/* fill.h - the memory behind the columns of an Arrow stream. */
#ifndef MEMC_FILL_H
#define MEMC_FILL_H

#include "arrow/columns.h"

/* Make the buffers of every part, and the dictionaries. */
enum memc_status fill_parts(struct exported *e);

#endif
