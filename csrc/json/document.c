/* document.c - the JSON documents of a snapshot and of a system. */
#include <string.h>

#include "base/error.h"
#include "json/processes.h"
#include "json/snapshot.h"

static enum memc_status end_document(struct json *j, bool whole, struct memc_error *err)
{
    enum memc_status st =
        whole ? json_finish(j, err) : error_status(err, MEMC_ERR_MEMORY);
    json_destroy(j);
    return st;
}

enum memc_status memc_snapshot_json(const struct memc_snapshot *snap,
                                    const struct memc_json_options *options,
                                    memc_write_fn write, void *context,
                                    struct memc_error *err)
{
    struct json *j = json_create(write, context, options && options->pretty);
    if (!j)
        return error_status(err, MEMC_ERR_MEMORY);
    struct regions_options regions = {1, options && options->full};
    snapshot_begin(j, snap, &regions);
    bool whole = snapshot_rows(j, snap, &regions, 0, snap->rows);
    snapshot_end(j, snap, 1);
    return end_document(j, whole, err);
}

static void write_skipped(struct json *j, const struct memc_system *system)
{
    json_raw(j, "[", 1);
    for (size_t i = 0; i < system->n_skipped; i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        processes_begin_item(j, i == 0, s.pid, s.name, s.name_len);
        json_text_pair(j, 3, "reason", s.reason, strlen(s.reason));
        processes_end_item(j);
    }
    if (system->n_skipped)
        json_line(j, 1);
    json_raw(j, "]", 1);
}

enum memc_status memc_system_json(const struct memc_system *system,
                                  const struct memc_json_options *options,
                                  memc_write_fn write, void *context,
                                  struct memc_error *err)
{
    struct json *j = json_create(write, context, options && options->pretty);
    if (!j)
        return error_status(err, MEMC_ERR_MEMORY);
    json_raw(j, "{", 1);
    json_key(j, 1, true, "timestamp_ms");
    json_number(j, system->timestamp_ms);
    json_pair(j, 1, "process_count", system->n_read);
    json_pair(j, 1, "skipped", system->n_skipped);
    json_key(j, 1, false, "processes");
    json_raw(j, "[", 1);
    bool whole = processes_write(j, system, options);
    if (system->n_read)
        json_line(j, 1);
    json_raw(j, "]", 1);
    json_key(j, 1, false, "skipped_processes");
    write_skipped(j, system);
    snapshot_late(j, 1, system->late);
    json_line(j, 0);
    json_raw(j, "}", 1);
    return end_document(j, whole, err);
}
