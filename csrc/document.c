/* document.c - the JSON documents of a snapshot and of a system. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "regions.h"
#include "system.h"

enum { NOTE_SIZE = 512 };

static void write_pair(struct json *j, unsigned depth, const char *key, uint64_t value)
{
    json_key(j, depth, false, key);
    json_number(j, value);
}

static void write_note(struct json *j, unsigned depth, struct memc_note note,
                       const char *text)
{
    json_line(j, depth);
    json_raw(j, "{", 1);
    json_key(j, depth + 1, true, "code");
    json_string(j, note.code, strlen(note.code));
    write_pair(j, depth + 1, "count", note.count);
    json_key(j, depth + 1, false, "text");
    json_string(j, text, strlen(text));
    json_line(j, depth);
    json_raw(j, "}", 1);
}

static void begin_notes(struct json *j, unsigned depth)
{
    json_key(j, depth, false, "notes");
    json_raw(j, "[", 1);
}

static void end_notes(struct json *j, unsigned depth)
{
    json_line(j, depth);
    json_raw(j, "]", 1);
}

static void write_notes(struct json *j, unsigned depth,
                        const struct memc_snapshot *snap)
{
    char text[NOTE_SIZE];
    if (!memc_snapshot_note(snap, 0).code)
        return;
    begin_notes(j, depth);
    for (size_t i = 0; memc_snapshot_note(snap, i).code; i++) {
        (void)memc_snapshot_note_text(snap, i, text, sizeof text);
        if (i > 0)
            json_raw(j, ",", 1);
        write_note(j, depth + 1, memc_snapshot_note(snap, i), text);
    }
    end_notes(j, depth);
}

static void write_late(struct json *j, const struct memc_system *system)
{
    char text[NOTE_SIZE];
    if (!system->late)
        return;
    (void)memc_late_text(system->late, text, sizeof text);
    begin_notes(j, 1);
    write_note(j, 2, (struct memc_note){"late", system->late}, text);
    end_notes(j, 1);
}

static void write_total(struct json *j, unsigned depth, const char *key, uint64_t value,
                        bool known)
{
    json_key(j, depth, false, key);
    if (known)
        json_number(j, value);
    else
        json_literal(j, "null");
}

static void write_cost(struct json *j, unsigned depth, const struct memc_info *info)
{
    write_pair(j, depth, "cost_ns", info->cost_ns);
    write_pair(j, depth, "bytes_read", info->bytes_read);
}

/* What follows the first four keys of a document without regions. */
static void write_totals(struct json *j, unsigned depth,
                         const struct memc_snapshot *snap, bool full)
{
    struct memc_total total = memc_snapshot_total(snap, 0);
    for (size_t i = 0; total.name; total = memc_snapshot_total(snap, ++i))
        write_total(j, depth, total.name, total.value, total.known);
    if (full)
        write_cost(j, depth, &snap->info);
}

/* `depth` is that of the document's keys; false when memory ran out. */
static bool write_snapshot(struct json *j, unsigned depth,
                           const struct memc_snapshot *snap, bool full)
{
    const struct memc_info *info = &snap->info;
    json_raw(j, "{", 1);
    json_key(j, depth, true, "pid");
    json_number(j, (uint64_t)info->pid);
    write_pair(j, depth, "timestamp_ms", info->timestamp_ms);
    bool totals = snap->n_totals > 0;
    write_total(j, depth, "total_rss_kb", info->total_rss_kb, info->has_total_rss);
    write_total(j, depth, "total_vsize_kb", info->total_vsize_kb,
                !totals || info->has_total_rss);
    if (totals) {
        write_totals(j, depth, snap, full);
    } else {
        write_pair(j, depth, "region_count", info->rows);
        if (full)
            write_cost(j, depth, info);
        json_key(j, depth, false, "regions");
        if (!regions_write(j, snap, depth, full))
            return false;
    }
    write_notes(j, depth, snap);
    json_line(j, depth - 1);
    json_raw(j, "}", 1);
    return true;
}

static enum memc_status end_document(struct json *j, bool whole, struct memc_error *err)
{
    enum memc_status st = MEMC_ERR_MEMORY;
    if (whole)
        st = json_finish(j, err);
    else if (err)
        *err = (struct memc_error){.status = st};
    json_destroy(j);
    return st;
}

static struct json *begin_document(const struct memc_json_options *options,
                                   memc_write_fn write, void *context,
                                   struct memc_error *err)
{
    struct json *j = json_create(write, context, options && options->pretty);
    if (!j && err)
        *err = (struct memc_error){.status = MEMC_ERR_MEMORY};
    return j;
}

enum memc_status memc_snapshot_json(const struct memc_snapshot *snap,
                                    const struct memc_json_options *options,
                                    memc_write_fn write, void *context,
                                    struct memc_error *err)
{
    struct json *j = begin_document(options, write, context, err);
    if (!j)
        return MEMC_ERR_MEMORY;
    bool whole = write_snapshot(j, 1, snap, options && options->full);
    return end_document(j, whole, err);
}

static void write_named(struct json *j, bool first, int32_t pid, const char *name,
                        size_t name_len)
{
    if (!first)
        json_raw(j, ",", 1);
    json_line(j, 2);
    json_raw(j, "{", 1);
    json_key(j, 3, true, "pid");
    json_number(j, (uint64_t)pid);
    json_key(j, 3, false, "name");
    json_string(j, name, name_len);
}

static void end_named(struct json *j)
{
    json_line(j, 2);
    json_raw(j, "}", 1);
}

static bool write_processes(struct json *j, const struct memc_system *system, bool full)
{
    bool whole = true;
    json_raw(j, "[", 1);
    for (size_t i = 0; whole && i < system->n_read; i++) {
        struct memc_process p = memc_system_process(system, i);
        write_named(j, i == 0, p.pid, p.name, p.name_len);
        json_key(j, 3, false, "snapshot");
        whole = write_snapshot(j, 4, p.snapshot, full);
        end_named(j);
    }
    if (system->n_read)
        json_line(j, 1);
    json_raw(j, "]", 1);
    return whole;
}

static void write_skipped(struct json *j, const struct memc_system *system)
{
    json_raw(j, "[", 1);
    for (size_t i = 0; i < system->n_skipped; i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        write_named(j, i == 0, s.pid, s.name, s.name_len);
        json_key(j, 3, false, "reason");
        json_string(j, s.reason, strlen(s.reason));
        end_named(j);
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
    struct json *j = begin_document(options, write, context, err);
    if (!j)
        return MEMC_ERR_MEMORY;
    json_raw(j, "{", 1);
    json_key(j, 1, true, "timestamp_ms");
    json_number(j, system->timestamp_ms);
    write_pair(j, 1, "process_count", system->n_read);
    write_pair(j, 1, "skipped", system->n_skipped);
    json_key(j, 1, false, "processes");
    bool whole = write_processes(j, system, options && options->full);
    json_key(j, 1, false, "skipped_processes");
    write_skipped(j, system);
    write_late(j, system);
    json_line(j, 0);
    json_raw(j, "}", 1);
    return end_document(j, whole, err);
}
