/*
 * processes.h - the processes of a system as items of a JSON list, on threads.
 *
 *   process   | 1 | 2 |        3         | 4 | 5 |
 *   piece     |  0  |    1   |   2   |     3     |     some 128 regions each
 *
 * Each thread takes the next piece and makes its text; they write in turn, so no more
 * of the document is held than a buffer for each thread.
 */
#ifndef MEMC_PROCESSES_H
#define MEMC_PROCESSES_H

#include "proc/system.h"
#include "json/writer.h"

/* `{"pid":1,"name":"init",` of an item, which stands at depth 2; and its end. */
void processes_begin_item(struct json *j, bool first, int32_t pid, const char *name,
                          size_t name_len);
void processes_end_item(struct json *j);

/* Write every item behind what `j` has; false when memory ran out. */
bool processes_write(struct json *j, const struct memc_system *system,
                     const struct memc_json_options *options);

#endif
