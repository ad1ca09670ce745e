/*
 * regions.c - the regions of a snapshot as a JSON list.
 *
 * A region has members: start, end, type, perm, size_kb, pathname, what the detail
 * adds, and with `full` every other column.  The list of members is made once for each
 * snapshot, with the text before each value.  To write a row is to walk over the list.
 */
#include "json/regions.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The first members of a region, in this order. */
static const uint8_t BASE[] = {
    COL_START, COL_END, COL_TYPE, COL_PERM, COL_SIZE_KB, COL_PATHNAME,
};
static const uint8_t SMAPS[] = {
    COL_RSS_KB,          COL_PSS_KB,           COL_SHARED_CLEAN_KB,
    COL_SHARED_DIRTY_KB, COL_PRIVATE_CLEAN_KB, COL_PRIVATE_DIRTY_KB,
    COL_SWAP_KB,         COL_VM_FLAGS,
};
static const uint8_t PAGES[] = {
    COL_RSS_KB, COL_SWAP_KB, COL_USS_KB, COL_FILE_KB, COL_HUGETLB_KB, COL_PSS_KB,
};

/* The members that each detail adds. */
static const struct {
    const uint8_t *columns;
    size_t n;
} DETAILS[] = {
    [MEMC_DETAIL_MAPS] = {NULL, 0}, [MEMC_DETAIL_SMAPS] = {SMAPS, sizeof SMAPS},
    [MEMC_DETAIL_RSS] = {PAGES, 2}, [MEMC_DETAIL_USS] = {PAGES, 5},
    [MEMC_DETAIL_PSS] = {PAGES, 6},
};

/* The text of VmFlags that were written before, by the number of the string: few
 * strings of a process differ. */
enum { FLAGS_KEPT = 32, FLAGS_SIZE = 1024, FLAGS_MOST = 96 };

struct flags_text {
    uint32_t id; /* 0: none, as string 0 is "" */
    uint32_t len;
    char bytes[FLAGS_SIZE];
};

struct regions;
typedef void (*member_fn)(const struct regions *r, const struct column *c, size_t row);

struct member {
    const struct column *column;
    member_fn write; /* writes the value, if there is one */
    bool optional;   /* not written, and neither is its key, if it is an empty string */
    size_t prefix_len;
    char prefix[KEY_SIZE]; /* `,"rss_kb":`, on a line of its own when pretty */
};

struct regions {
    struct json *j;
    const struct memc_snapshot *snap;
    unsigned depth; /* of a region's keys */
    struct member *members;
    size_t n;
    struct flags_text *flags; /* FLAGS_KEPT of them */
};

static uint64_t value_at(const struct column *c, size_t row)
{
    const unsigned char *at = (const unsigned char *)c->values + row * c->width;
    uint64_t value = 0;
    memcpy(&value, at, c->width);
    return value;
}

static struct scan string_at(const struct regions *r, const struct column *c,
                             size_t row)
{
    return strpool_get(&r->snap->strings, (uint32_t)value_at(c, row));
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
    json_char(r->j, '"');
    json_literal(r->j, memc_type_name((uint32_t)value_at(c, row)));
    json_char(r->j, '"');
}

static void write_perm(const struct regions *r, const struct column *c, size_t row)
{
    char text[6] = "\"    \"";
    perm_letters(value_at(c, row), text + 1);
    json_raw(r->j, text, sizeof text);
}

static void write_string(const struct regions *r, const struct column *c, size_t row)
{
    struct scan s = string_at(r, c, row);
    json_string(r->j, s.pos, scan_left(&s));
}

/* After a name that is not UTF-8, write its exact bytes. */
static void write_pathname(const struct regions *r, const struct column *c, size_t row)
{
    struct scan s = string_at(r, c, row);
    json_string(r->j, s.pos, scan_left(&s));
    if (utf8_is_valid(s.pos, scan_left(&s)))
        return;
    json_key(r->j, r->depth, false, "pathname_hex");
    json_bytes_hex(r->j, s.pos, scan_left(&s));
}

/* Write "rd wr mr" as a list. */
static void write_list(const struct regions *r, struct scan s)
{
    bool first = true;
    json_char(r->j, '[');
    while (s.pos < s.end) {
        struct scan flag = scan_until(&s, ' ');
        if (!first)
            json_char(r->j, ',');
        json_line(r->j, r->depth + 1);
        json_string(r->j, flag.pos, scan_left(&flag));
        first = false;
    }
    if (!first)
        json_line(r->j, r->depth);
    json_char(r->j, ']');
}

/* Write a list, and keep its text if the buffer still has all of it.  A list of at most
 * FLAGS_MOST bytes is far shorter than the buffer: if it was emptied meanwhile, less is
 * in it than before. */
static void write_flags(const struct regions *r, const struct column *c, size_t row)
{
    uint32_t id = (uint32_t)value_at(c, row);
    struct flags_text *kept = &r->flags[id % FLAGS_KEPT];
    if (id != 0 && kept->id == id) {
        json_raw(r->j, kept->bytes, kept->len);
        return;
    }
    (void)json_room(r->j, FLAGS_SIZE);
    size_t at = r->j->used;
    struct scan flags = strpool_get(&r->snap->strings, id);
    write_list(r, flags);
    if (scan_left(&flags) > FLAGS_MOST || r->j->used < at ||
        r->j->used - at > FLAGS_SIZE)
        return;
    kept->id = id;
    kept->len = (uint32_t)(r->j->used - at);
    memcpy(kept->bytes, r->j->bytes + at, kept->len);
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

/* With `full`, a region has every column of a maps line, every field of smaps if smaps
 * was read, and every other column of the table. */
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

/* Most prefixes are short: they are copied as a fixed number of bytes, which needs no
 * call. */
static void write_prefix(struct json *j, const struct member *m)
{
    enum { SHORT = 32 };
    char *p = json_room(j, KEY_SIZE);
    if (m->prefix_len <= SHORT)
        memcpy(p, m->prefix, SHORT);
    else
        memcpy(p, m->prefix, m->prefix_len);
    j->used += m->prefix_len;
}

static void write_member(const struct regions *r, const struct member *m, size_t row)
{
    if (m->optional && value_at(m->column, row) == 0)
        return;
    write_prefix(r->j, m);
    if (column_has(m->column, row))
        m->write(r, m->column, row);
    else
        json_raw(r->j, "null", 4);
}

static void write_region(const struct regions *r, size_t row)
{
    if (row > 0)
        json_char(r->j, ',');
    json_line(r->j, r->depth - 1);
    json_char(r->j, '{');
    for (size_t i = 0; i < r->n; i++)
        write_member(r, &r->members[i], row);
    json_line(r->j, r->depth - 1);
    json_char(r->j, '}');
}

bool regions_write(struct json *j, const struct memc_snapshot *snap,
                   const struct regions_options *options, size_t from, size_t to)
{
    struct regions r = {.j = j, .snap = snap, .depth = options->depth + 2};
    if (from == to)
        return true;
    r.members = calloc(snap->n_columns, sizeof *r.members);
    r.flags = malloc(FLAGS_KEPT * sizeof *r.flags);
    bool there = r.members && r.flags;
    if (there) {
        for (size_t i = 0; i < FLAGS_KEPT; i++)
            r.flags[i].id = 0;
        add_members(&r, options->full);
        for (size_t row = from; row < to; row++)
            write_region(&r, row);
    }
    free(r.flags);
    free(r.members);
    return there;
}
