/*
 * document.c - the JSON documents of a snapshot and of a system.
 *
 * A region is a list of members: start, end, type, perm, size_kb, pathname, the
 * counters, and with `full` every other column.  The list is made once a
 * snapshot, with the text in front of each value; a row is then a walk over it.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "scan.h"
#include "system.h"

enum { NOTE_SIZE = 512 };

/* The members of a region that come first, in this order. */
static const uint8_t BASE[] = {
    COL_START, COL_END, COL_TYPE, COL_PERM, COL_SIZE_KB, COL_PATHNAME,
};
static const uint8_t SMAPS[] = {
    COL_RSS_KB,          COL_PSS_KB,           COL_SHARED_CLEAN_KB,
    COL_SHARED_DIRTY_KB, COL_PRIVATE_CLEAN_KB, COL_PRIVATE_DIRTY_KB,
    COL_SWAP_KB,
};
static const uint8_t USS[] = {COL_RSS_KB, COL_SWAP_KB, COL_USS_KB, COL_FILE_KB};

/* What each detail adds to them. */
static const struct {
    const uint8_t *columns;
    size_t n;
} DETAILS[] = {
    [MEMC_DETAIL_MAPS] = {NULL, 0},
    [MEMC_DETAIL_SMAPS] = {SMAPS, sizeof SMAPS},
    [MEMC_DETAIL_RSS] = {USS, 2},
    [MEMC_DETAIL_USS] = {USS, sizeof USS},
};

struct regions;
typedef void (*member_fn)(const struct regions *r, const struct column *c, size_t row);

struct member {
    const struct column *column;
    member_fn write; /* the value, when there is one */
    bool optional;   /* left out, key and all, when it is an empty string */
    size_t prefix_len;
    char prefix[KEY_SIZE]; /* `,"rss_kb":`, with its line when pretty */
};

struct regions {
    struct json *j;
    const struct memc_snapshot *snap;
    unsigned depth; /* of a region's keys */
    struct member *members;
    size_t n;
};

static uint64_t value_at(const struct column *c, size_t row)
{
    const unsigned char *at = (const unsigned char *)c->values.bytes + row * c->width;
    uint64_t value = 0;
    memcpy(&value, at, c->width);
    return value;
}

static struct scan string_at(const struct regions *r, const struct column *c,
                             size_t row)
{
    const struct strpool *strings = &r->snap->strings;
    uint64_t id = value_at(c, row);
    const char *bytes = strings->bytes;
    return (struct scan){
        .pos = bytes + strings->offsets[id],
        .end = bytes + strings->offsets[id + 1],
    };
}

static void write_number(const struct regions *r, const struct column *c, size_t row)
{
    json_number(r->j, value_at(c, row));
}

static void write_address(const struct regions *r, const struct column *c, size_t row)
{
    json_hex(r->j, value_at(c, row));
}

static void write_type(const struct regions *r, const struct column *c, size_t row)
{
    json_raw(r->j, "\"", 1);
    json_literal(r->j, memc_type_name((uint32_t)value_at(c, row)));
    json_raw(r->j, "\"", 1);
}

static void write_perm(const struct regions *r, const struct column *c, size_t row)
{
    static const char LETTERS[] = "rwxs";
    uint64_t perm = value_at(c, row);
    char text[6] = {'"', '-', '-', '-', '-', '"'};
    for (unsigned i = 0; i < 4; i++) {
        if (perm >> i & 1)
            text[1 + i] = LETTERS[i];
    }
    if (perm & 16)
        text[4] = 'p';
    json_raw(r->j, text, sizeof text);
}

static void write_string(const struct regions *r, const struct column *c, size_t row)
{
    struct scan s = string_at(r, c, row);
    json_string(r->j, s.pos, scan_left(&s));
}

/* Behind a name that is not UTF-8 stand its exact bytes. */
static void write_pathname(const struct regions *r, const struct column *c, size_t row)
{
    struct scan s = string_at(r, c, row);
    json_string(r->j, s.pos, scan_left(&s));
    if (json_is_utf8(s.pos, scan_left(&s)))
        return;
    json_key(r->j, r->depth, false, "pathname_hex");
    json_bytes_hex(r->j, s.pos, scan_left(&s));
}

/* "rd wr mr" as a list. */
static void write_flags(const struct regions *r, const struct column *c, size_t row)
{
    struct scan s = string_at(r, c, row);
    bool first = true;
    json_raw(r->j, "[", 1);
    while (s.pos < s.end) {
        const char *flag = s.pos;
        while (s.pos < s.end && *s.pos != ' ')
            s.pos++;
        if (!first)
            json_raw(r->j, ",", 1);
        json_line(r->j, r->depth + 1);
        json_string(r->j, flag, (size_t)(s.pos - flag));
        (void)scan_char(&s, ' ');
        first = false;
    }
    if (!first)
        json_line(r->j, r->depth);
    json_raw(r->j, "]", 1);
}

static member_fn writer_of(const struct regions *r, const struct column *c)
{
    if (c == &r->snap->columns[COL_START] || c == &r->snap->columns[COL_END])
        return write_address;
    if (c == &r->snap->columns[COL_PATHNAME])
        return write_pathname;
    switch (c->unit) {
    case MEMC_UNIT_PERM:
        return write_perm;
    case MEMC_UNIT_TYPE:
        return write_type;
    case MEMC_UNIT_STRING:
        return write_string;
    case MEMC_UNIT_FLAGS:
        return write_flags;
    default:
        return write_number;
    }
}

static void add_member(struct regions *r, size_t column)
{
    const struct column *c = &r->snap->columns[column];
    struct member *m = &r->members[r->n];
    m->column = c;
    m->write = writer_of(r, c);
    m->optional = column == COL_PATHNAME;
    m->prefix_len =
        json_key_text(m->prefix, r->j->pretty, r->depth, r->n == 0, c->name);
    r->n++;
}

static bool has_member(const struct regions *r, size_t column)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->members[i].column == &r->snap->columns[column])
            return true;
    }
    return false;
}

/* With `full`: every column of a maps line, every field of smaps when that was
 * read, and what else the table has. */
static bool is_full_member(const struct regions *r, size_t column)
{
    if (column < FIRST_SMAPS || r->snap->columns[column].present)
        return true;
    return r->snap->info.detail == MEMC_DETAIL_SMAPS && column < END_SMAPS;
}

static void add_members(struct regions *r, bool full)
{
    enum memc_detail detail = r->snap->info.detail;
    for (size_t i = 0; i < sizeof BASE; i++)
        add_member(r, BASE[i]);
    for (size_t i = 0; i < DETAILS[detail].n; i++)
        add_member(r, DETAILS[detail].columns[i]);
    for (size_t i = 0; full && i < r->snap->n_columns; i++) {
        if (is_full_member(r, i) && !has_member(r, i))
            add_member(r, i);
    }
}

static void write_member(const struct regions *r, const struct member *m, size_t row)
{
    if (m->optional && value_at(m->column, row) == 0)
        return;
    json_raw(r->j, m->prefix, m->prefix_len);
    if (column_has(m->column, row))
        m->write(r, m->column, row);
    else
        json_raw(r->j, "null", 4);
}

static void write_region(const struct regions *r, size_t row)
{
    if (row > 0)
        json_raw(r->j, ",", 1);
    json_line(r->j, r->depth - 1);
    json_raw(r->j, "{", 1);
    for (size_t i = 0; i < r->n; i++)
        write_member(r, &r->members[i], row);
    json_line(r->j, r->depth - 1);
    json_raw(r->j, "}", 1);
}

/* The list of regions; false when memory ran out. */
static bool write_regions(struct json *j, const struct memc_snapshot *snap,
                          unsigned depth, bool full)
{
    struct regions r = {.j = j, .snap = snap, .depth = depth + 2};
    r.members = calloc(snap->n_columns, sizeof *r.members);
    if (!r.members)
        return false;
    add_members(&r, full);
    json_raw(j, "[", 1);
    for (size_t row = 0; row < snap->rows; row++)
        write_region(&r, row);
    if (snap->rows)
        json_line(j, depth);
    json_raw(j, "]", 1);
    free(r.members);
    return true;
}

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
        if (!write_regions(j, snap, depth, full))
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
