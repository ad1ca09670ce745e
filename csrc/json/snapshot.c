#include "json/snapshot.h"

#include <string.h>

enum { NOTE_SIZE = 512 };

static void write_note(struct json *j, unsigned depth, struct memc_note note,
                       const char *text)
{
    json_line(j, depth);
    json_raw(j, "{", 1);
    json_key(j, depth + 1, true, "code");
    json_string(j, note.code, strlen(note.code));
    json_pair(j, depth + 1, "count", note.count);
    json_text_pair(j, depth + 1, "text", text, strlen(text));
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

void snapshot_late(struct json *j, unsigned depth, uint64_t late)
{
    char text[NOTE_SIZE];
    if (!late)
        return;
    (void)memc_late_text(late, text, sizeof text);
    begin_notes(j, depth);
    write_note(j, depth + 1, (struct memc_note){"late", late}, text);
    end_notes(j, depth);
}

static void write_cost(struct json *j, unsigned depth, const struct memc_info *info)
{
    json_pair(j, depth, "cost_ns", info->cost_ns);
    json_pair(j, depth, "bytes_read", info->bytes_read);
}

/* Write the rest of a document without regions: the totals, and with `full` all of
 * them and the cost. */
static void write_totals(struct json *j, unsigned depth,
                         const struct memc_snapshot *snap, bool full)
{
    struct memc_total total = memc_snapshot_total(snap, 0);
    for (size_t i = 0; total.name; total = memc_snapshot_total(snap, ++i)) {
        if (full || i < TOTAL_PEAK_VSIZE || i >= TOTAL_PSS)
            json_known_pair(j, depth, total.name, total.value, total.known);
    }
    if (full)
        write_cost(j, depth, &snap->info);
}

void snapshot_begin(struct json *j, const struct memc_snapshot *snap,
                    const struct regions_options *options)
{
    const struct memc_info *info = &snap->info;
    unsigned depth = options->depth;
    bool totals = snap->n_totals > 0;
    json_raw(j, "{", 1);
    json_key(j, depth, true, "pid");
    json_number(j, (uint64_t)info->pid);
    if (options->full) {
        json_text_pair(j, depth, "name", info->name, info->name_len);
        json_known_pair(j, depth, "started", info->started, info->has_started);
    }
    json_pair(j, depth, "timestamp_ms", info->timestamp_ms);
    if (info->as_of_ms)
        json_pair(j, depth, "as_of_ms", info->as_of_ms);
    json_known_pair(j, depth, "total_rss_kb", info->total_rss_kb, info->has_total_rss);
    json_known_pair(j, depth, "total_vsize_kb", info->total_vsize_kb,
                    info->has_total_vsize);
    if (info->same_memory_as)
        json_pair(j, depth, "same_memory_as", (uint64_t)info->same_memory_as);
    if (totals) {
        write_totals(j, depth, snap, options->full);
        return;
    }
    json_pair(j, depth, "region_count", info->rows);
    if (options->full)
        write_cost(j, depth, info);
    json_key(j, depth, false, "regions");
    json_raw(j, "[", 1);
}

bool snapshot_rows(struct json *j, const struct memc_snapshot *snap,
                   const struct regions_options *options, size_t from, size_t to)
{
    return snap->n_totals > 0 || regions_write(j, snap, options, from, to);
}

void snapshot_end(struct json *j, const struct memc_snapshot *snap, unsigned depth)
{
    if (snap->n_totals == 0) {
        if (snap->rows)
            json_line(j, depth);
        json_raw(j, "]", 1);
    }
    write_notes(j, depth, snap);
    json_line(j, depth - 1);
    json_raw(j, "}", 1);
}
