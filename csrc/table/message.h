/* message.h - the words of a note. */
#ifndef MEMC_MESSAGE_H
#define MEMC_MESSAGE_H

#include "table/table.h"

/* Write the words of a note that the snapshot has.  Returns as snprintf() does. */
int message_of_note(const struct memc_snapshot *snap, size_t code, char *text,
                    size_t size);

#endif
