/*
 * processes.h - the processes of a system as items of a JSON list, on threads.
 *
 *   process   | 1 | 2 |        3         | 4 | 5 |
 *   piece     |  0  |    1   |   2   |     3     |     some 128 regions each
 *
 * Each thread takes the next piece and makes its text.  The threads write in turn, so
 * each holds no more of the document than a buffer.
 */
#ifndef MEMC_PROCESSES_H
#define MEMC_PROCESSES_H

#include "proc/system.h"
#include "json/writer.h"

/* Write the start of an item at depth 2, `{"pid":1,"name":"init"`, and its end. */
void processes_begin_item(struct json *j, bool first, int32_t pid, const char *name,
                          size_t name_len);
void processes_end_item(struct json *j);

/* Write all items; false when memory runs out. */
bool processes_write(struct json *j, const struct memc_system *system,
                     const struct memc_json_options *options);

#endif
