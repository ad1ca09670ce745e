#include "arrow/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Encode a note as the metadata {"memc": note}: the number of pairs, then the length
 * and the bytes of each key and value (CDataInterface.html of Arrow).  NULL when memory
 * runs out. */
static const char *encode_note(struct block **blocks, const char *note)
{
    static const char KEY[] = {'m', 'e', 'm', 'c'};
    int32_t len = (int32_t)strlen(note);
    const int32_t head[] = {1, sizeof KEY};
    char *bytes =
        block_add(blocks, sizeof head + sizeof KEY + sizeof len + (size_t)len, false);
    if (!bytes)
        return NULL;
    char *p = mempcpy(bytes, head, sizeof head);
    p = mempcpy(p, KEY, sizeof KEY);
    p = mempcpy(p, &len, sizeof len);
    memcpy(p, note, (size_t)len);
    return bytes;
}

enum memc_status columns_append(struct exported *e, struct exported_column column)
{
    struct exported_column *columns =
        realloc(e->columns, (e->n_columns + 1) * sizeof *columns);
    if (!columns)
        return MEMC_ERR_MEMORY;
    e->columns = columns;
    if (column.note) {
        column.metadata = encode_note(&e->blocks, column.note);
        if (!column.metadata)
            return MEMC_ERR_MEMORY;
    }
    struct exported_column *c = &columns[e->n_columns++];
    *c = column;
    return c->has_strings && !c->strings.offsets ? strpool_init(&c->strings) : MEMC_OK;
}

/* The columns of the process.  A note holds if nobody asked for the column. */
static const struct exported_column FRONT[] = {
    {.name = "pid", .format = "i", .source = FROM_PID},
    {.name = "name", .format = "I", .source = FROM_NAME, .has_strings = true},
    {.name = "uid", .format = "I", .source = FROM_UID},
    {
        .name = "cgroup",
        .format = "I",
        .source = FROM_CGROUP,
        .has_strings = true,
        .note = "not read: snapshot_all(cgroups=True) reads it",
    },
    {.name = "started", .format = "L", .source = FROM_STARTED},
    {
        .name = "cmdline",
        .format = "I",
        .source = FROM_CMDLINE,
        .has_strings = true,
        .note = "not read: snapshot_all(cmdlines=True) reads it",
    },
};

static enum memc_status add_front(struct exported *e, const struct memc_system *system)
{
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < sizeof FRONT / sizeof *FRONT; i++) {
        struct exported_column c = FRONT[i];
        if ((c.source == FROM_CGROUP && system->has_cgroups) ||
            (c.source == FROM_CMDLINE && system->has_cmdlines))
            c.note = NULL;
        st = columns_append(e, c);
    }
    return st;
}

static struct exported_column column_of(const char *name, uint32_t width,
                                        enum memc_unit unit)
{
    struct exported_column c = {
        .name = name,
        .format = width == 8 ? "L" : "I",
        .source = FROM_TABLE,
        .field = N_FIELDS,
        .key = name,
        .unit = unit,
    };
    if (unit == MEMC_UNIT_STRING || unit == MEMC_UNIT_FLAGS) {
        c.source = FROM_STRINGS;
        c.has_strings = true;
    } else if (unit == MEMC_UNIT_PERM || unit == MEMC_UNIT_TYPE) {
        c.has_strings = true;
        c.format = "C";
        c.first = 1;
    }
    return c;
}

/* Tell whether a path in the table is not UTF-8. */
static bool has_odd_path(const struct memc_snapshot *t)
{
    const uint32_t *ids = table_u32(t, COL_PATHNAME);
    for (size_t i = 0; i < t->rows; i++) {
        struct scan path = strpool_get(&t->strings, ids[i]);
        if (!utf8_is_valid(path.pos, scan_left(&path)))
            return true;
    }
    return false;
}

static enum memc_status add_odd_paths(struct exported *e)
{
    static const struct exported_column ODD = {
        .name = "pathname_hex",
        .format = "I",
        .source = FROM_PATHS,
        .has_strings = true,
    };
    for (size_t i = 0; i < e->n_parts; i++) {
        if (has_odd_path(e->parts[i].table))
            return columns_append(e, ODD);
    }
    return MEMC_OK;
}

/* Add a field if it is a column of maps, or if any of the tables has it. */
static enum memc_status add_field(struct exported *e, size_t field)
{
    const struct field *f = &FIELDS[field];
    bool found = field < FIRST_SMAPS;
    for (size_t i = 0; !found && i < e->n_parts; i++)
        found = e->parts[i].table->columns[field].present;
    if (!found)
        return MEMC_OK;
    struct exported_column c = column_of(f->name, f->width, f->unit);
    c.field = field;
    enum memc_status st = columns_append(e, c);
    return st >= 0 && field == COL_PATHNAME ? add_odd_paths(e) : st;
}

static bool has_name(const struct exported *e, const char *name)
{
    for (size_t i = 0; i < e->n_columns; i++) {
        if (strcmp(e->columns[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool has_key(const struct exported *e, const char *key)
{
    for (size_t i = 0; i < e->n_columns; i++) {
        const struct exported_column *c = &e->columns[i];
        if (c->key && c->field == N_FIELDS && strcmp(c->key, key) == 0)
            return true;
    }
    return false;
}

/* Add a column that memc does not know.  Its name is "region_NAME" if a column of the
 * process has this name. */
static enum memc_status add_extra(struct exported *e, const struct column *column)
{
    static const char PREFIX[] = "region_";
    if (!column->present || has_key(e, column->name))
        return MEMC_OK;
    struct exported_column c = column_of(column->name, column->width, column->unit);
    if (has_name(e, column->name)) {
        size_t len = strlen(column->name);
        char *name = block_add(&e->blocks, sizeof PREFIX + len, false);
        if (!name)
            return MEMC_ERR_MEMORY;
        memcpy(name, PREFIX, sizeof PREFIX - 1);
        memcpy(name + sizeof PREFIX - 1, column->name, len);
        c.name = name;
    }
    return columns_append(e, c);
}

static enum memc_status add_total(struct exported *e, const char *name,
                                  enum exported_source source, size_t i)
{
    return columns_append(e, (struct exported_column){
                                 .name = name,
                                 .format = "L",
                                 .source = source,
                                 .field = i,
                             });
}

/* Add the totals, those of smaps_rollup if any part has them. */
static enum memc_status add_totals(struct exported *e)
{
    const struct memc_snapshot *most = e->parts[0].table;
    for (size_t i = 1; i < e->n_parts; i++) {
        if (e->parts[i].table->n_totals > most->n_totals)
            most = e->parts[i].table;
    }
    enum memc_status st = add_total(e, "total_rss_kb", FROM_RSS, 0);
    if (st >= 0)
        st = add_total(e, "total_vsize_kb", FROM_VSIZE, 0);
    for (size_t i = 0; st >= 0 && i < most->n_totals; i++)
        st = add_total(e, memc_snapshot_total(most, i).name, FROM_TOTALS, i);
    return st;
}

enum memc_status columns_add(struct exported *e, const struct memc_system *system)
{
    enum memc_status st = system ? add_front(e, system) : MEMC_OK;
    if (e->of_totals)
        return st < 0 ? st : add_totals(e);
    for (size_t i = 0; st >= 0 && i < N_FIELDS; i++)
        st = add_field(e, i);
    for (size_t i = 0; st >= 0 && i < e->n_parts; i++) {
        const struct memc_snapshot *t = e->parts[i].table;
        for (size_t j = N_FIELDS; st >= 0 && j < t->n_columns; j++)
            st = add_extra(e, &t->columns[j]);
    }
    return st;
}
