#include "arrow/fill.h"

#include <stdlib.h>
#include <string.h>

#include "arrow/dictionary.h"

/* How strings of a table become strings of a dictionary. */
struct mapping {
    const struct strpool *from;
    struct strpool *to;
    uint32_t *ids; /* for each string its number in `to`, plus 1; 0: not yet known */
    enum memc_status (*intern)(struct strpool *, const char *, size_t, uint32_t *);
};

static enum memc_status map_string(const struct mapping *m, uint32_t id, uint32_t *ret)
{
    if (!m->ids[id]) {
        struct scan s = strpool_get(m->from, id);
        uint32_t found;
        enum memc_status st = m->intern(m->to, s.pos, scan_left(&s), &found);
        if (st < 0)
            return st;
        m->ids[id] = found + 1;
    }
    *ret = m->ids[id] - 1;
    return MEMC_OK;
}

static enum memc_status map_rows(const struct mapping *m, const struct column *c,
                                 size_t rows, uint32_t *ret)
{
    const uint32_t *from = c->values;
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < rows; i++) {
        if (column_has(c, i))
            st = map_string(m, from[i], &ret[i]);
    }
    return st;
}

static enum memc_status map_column(struct exported *e, const struct exported_part *p,
                                   struct exported_column *to, const struct column *c,
                                   uint32_t **ret)
{
    const struct strpool *from = &p->table->strings;
    struct mapping m = {
        .from = from,
        .to = &to->strings,
        .intern = dictionary_add_text,
    };
    if (to->source == FROM_PATHS)
        m.intern = dictionary_add_hex;
    uint32_t *ids = block_add(&e->blocks, p->rows * sizeof *ids, false);
    m.ids = calloc(from->count, sizeof *m.ids);
    enum memc_status st = MEMC_ERR_MEMORY;
    if (ids && m.ids)
        st = map_rows(&m, c, p->rows, ids);
    free(m.ids);
    if (st >= 0)
        *ret = ids;
    return st;
}

/* Paths that are UTF-8 have the string "", which is number 0; they are missing. */
static enum memc_status fill_odd_paths(struct exported *e,
                                       const struct exported_part *p,
                                       struct exported_column *to,
                                       struct exported_buffers *ret)
{
    uint32_t *ids;
    enum memc_status st = map_column(e, p, to, &p->table->columns[COL_PATHNAME], &ids);
    if (st < 0)
        return st;
    uint8_t *valid = block_add(&e->blocks, p->rows / 8 + 1, false);
    if (!valid)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < p->rows; i++)
        valid[i / 8] |= (uint8_t)((ids[i] != 0) << i % 8);
    *ret = (struct exported_buffers){ids, valid};
    return MEMC_OK;
}

/* Fill every row with the same value. */
static enum memc_status fill_same(struct exported *e, size_t rows, const void *value,
                                  size_t width, struct exported_buffers *ret)
{
    char *values = block_add(&e->blocks, rows * width, false);
    if (!values)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < rows; i++)
        memcpy(values + i * width, value, width);
    *ret = (struct exported_buffers){values, NULL};
    return MEMC_OK;
}

/* Fill every row with the same text; NULL leaves the column missing. */
static enum memc_status fill_text(struct exported *e, size_t rows,
                                  struct exported_column *to, struct scan text,
                                  struct exported_buffers *ret)
{
    uint32_t id;
    if (!text.pos)
        return MEMC_OK;
    enum memc_status st =
        dictionary_add_text(&to->strings, text.pos, scan_left(&text), &id);
    return st < 0 ? st : fill_same(e, rows, &id, sizeof id, ret);
}

static struct scan text_of(const char *bytes, size_t len)
{
    return (struct scan){bytes, bytes ? bytes + len : NULL};
}

/* Fill a column of the process.  If nothing is known, *ret stays as it is: missing. */
static enum memc_status fill_process(struct exported *e, const struct exported_part *p,
                                     struct exported_column *to,
                                     struct exported_buffers *ret)
{
    const struct memc_process *of = &p->process;
    switch (to->source) {
    case FROM_NAME:
        return fill_text(e, p->rows, to, text_of(of->name, of->name_len), ret);
    case FROM_CGROUP:
        return fill_text(e, p->rows, to, text_of(of->cgroup, of->cgroup_len), ret);
    case FROM_CMDLINE:
        return fill_text(e, p->rows, to, text_of(of->cmdline, of->cmdline_len), ret);
    case FROM_UID:
        return of->has_uid ? fill_same(e, p->rows, &of->uid, sizeof of->uid, ret)
                           : MEMC_OK;
    case FROM_STARTED:
        return of->has_started
                   ? fill_same(e, p->rows, &of->started, sizeof of->started, ret)
                   : MEMC_OK;
    default:
        return fill_same(e, p->rows, &of->pid, sizeof of->pid, ret);
    }
}

/* Fill a column of a total.  If it is not known, *ret stays as it is: missing. */
static enum memc_status fill_total(struct exported *e, const struct exported_part *p,
                                   const struct exported_column *to,
                                   struct exported_buffers *ret)
{
    const struct memc_info *info = &p->table->info;
    struct memc_total total = memc_snapshot_total(p->table, to->field);
    if (to->source == FROM_RSS)
        total = (struct memc_total){to->name, info->total_rss_kb, info->has_total_rss};
    if (to->source == FROM_VSIZE)
        total =
            (struct memc_total){to->name, info->total_vsize_kb, info->has_total_vsize};
    return total.known ? fill_same(e, p->rows, &total.value, sizeof total.value, ret)
                       : MEMC_OK;
}

static const struct column *find_column(const struct memc_snapshot *t,
                                        const struct exported_column *wanted)
{
    if (wanted->field < N_FIELDS) {
        const struct column *c = &t->columns[wanted->field];
        return c->present ? c : NULL;
    }
    for (size_t i = N_FIELDS; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (c->present && c->unit == wanted->unit && strcmp(c->name, wanted->key) == 0)
            return c;
    }
    return NULL;
}

static enum memc_status fill_column(struct exported *e, const struct exported_part *p,
                                    struct exported_column *to,
                                    struct exported_buffers *ret)
{
    *ret = (struct exported_buffers){e->zeros, e->zeros};
    if (to->source == FROM_PATHS)
        return fill_odd_paths(e, p, to, ret);
    if (to->source == FROM_RSS || to->source == FROM_VSIZE || to->source == FROM_TOTALS)
        return fill_total(e, p, to, ret);
    if (to->source != FROM_TABLE && to->source != FROM_STRINGS)
        return fill_process(e, p, to, ret);

    const struct column *c = find_column(p->table, to);
    if (!c)
        return MEMC_OK;
    if (to->source == FROM_TABLE) {
        *ret = (struct exported_buffers){c->values, c->valid};
        return MEMC_OK;
    }
    uint32_t *ids;
    enum memc_status st = map_column(e, p, to, c, &ids);
    if (st >= 0)
        *ret = (struct exported_buffers){ids, c->valid};
    return st;
}

static enum memc_status fill_part(struct exported *e, struct exported_part *p)
{
    enum memc_status st = MEMC_OK;
    p->buffers = block_add(&e->blocks, e->n_columns * sizeof *p->buffers, false);
    if (!p->buffers)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; st >= 0 && i < e->n_columns; i++)
        st = fill_column(e, p, &e->columns[i], &p->buffers[i]);
    return st;
}

static enum memc_status fill_dictionary(struct exported_column *c)
{
    if (c->unit == MEMC_UNIT_PERM)
        return dictionary_add_perms(&c->strings);
    return c->unit == MEMC_UNIT_TYPE ? dictionary_add_types(&c->strings) : MEMC_OK;
}

static enum memc_status make_zeros(struct exported *e)
{
    size_t rows = 0;
    for (size_t i = 0; i < e->n_parts; i++) {
        if (e->parts[i].rows > rows)
            rows = e->parts[i].rows;
    }
    e->zeros = block_add(&e->blocks, rows * sizeof(uint64_t), false);
    return e->zeros ? MEMC_OK : MEMC_ERR_MEMORY;
}

enum memc_status fill_parts(struct exported *e)
{
    enum memc_status st = make_zeros(e);
    for (size_t i = 0; st >= 0 && i < e->n_columns; i++)
        st = fill_dictionary(&e->columns[i]);
    for (size_t i = 0; st >= 0 && i < e->n_parts; i++)
        st = fill_part(e, &e->parts[i]);
    for (size_t i = 0; st >= 0 && i < e->n_columns; i++) {
        const struct strpool *pool = &e->columns[i].strings;
        if (pool->count && pool->offsets[pool->count] > INT32_MAX)
            st = MEMC_ERR_LIMIT; /* Arrow's offsets are signed */
    }
    return st;
}
