/*
 * quick.c - the fast path: records that are laid out as the kernel prints them.
 *
 * All records of one file have the same keys at the same places, and numbers that are
 * right-aligned in eight characters (show_smap() in fs/proc/task_mmu.c).  So the keys
 * are compared with those of an earlier record, a word at a time, and the same few
 * instructions read every number.
 */
#include "parse/quick.h"

#include "base/swar.h"
#include "parse/intern.h"

enum { SLACK = 4 }; /* bytes that are loaded after the last line */

static const char FLAGS_KEY[] = "VmFlags:";

/* Find the number of the name.  Most regions have the same name as the one before. */
static enum memc_status name_id(struct quick *q, struct memc_snapshot *t,
                                struct scan name)
{
    size_t len = scan_left(&name);
    q->name_id = len ? q->name_id : 0;
    if (strpool_equals(&t->strings, q->name_id, name.pos, len))
        return MEMC_OK;
    return intern_name(&t->strings, name, &q->name_id);
}

/* ---- the record -------------------------------------------------------- */

static const uint8_t HEADER_COLUMNS[] = {
    COL_START,     COL_END,       COL_PERM,  COL_OFFSET,
    COL_DEV_MAJOR, COL_DEV_MINOR, COL_INODE, COL_PATHNAME,
};

/* After this, the `filled` of the columns is too small; quick_pause() corrects it. */
static enum memc_status resume(struct quick *q, struct memc_snapshot *t)
{
    for (size_t i = 0; i < q->n_lines; i++) {
        uint32_t column = q->lines[i].column;
        if (column == COL_SIZE_KB)
            continue;
        enum memc_status st = table_fill_missing(t, column);
        if (st < 0)
            return st;
    }
    q->running = true;
    return MEMC_OK;
}

void quick_pause(struct quick *q, struct memc_snapshot *t)
{
    if (!q->running)
        return;
    q->running = false;
    for (size_t i = 0; i < sizeof HEADER_COLUMNS; i++)
        t->columns[HEADER_COLUMNS[i]].filled = t->rows;
    for (size_t i = 0; i < q->n_lines; i++) {
        if (q->lines[i].column != COL_SIZE_KB)
            t->columns[q->lines[i].column].filled = t->rows;
    }
}

/* Get memory for the next row, and find the columns again if they have moved. */
static enum memc_status reserve_row(struct quick *q, struct memc_snapshot *t)
{
    if (t->rows == t->row_cap) {
        enum memc_status st = values_grow(t);
        if (st < 0)
            return st;
    }
    if (q->row_cap == t->row_cap)
        return MEMC_OK;
    for (size_t i = 0; i < q->n_lines; i++)
        q->lines[i].values = table_u64(t, q->lines[i].column);
    q->row_cap = t->row_cap;
    return MEMC_OK;
}

/* Tell whether a line is the same as in the record before, as most are. */
static inline bool is_same(const struct quick_line *line, const char *s)
{
    uint64_t other = swar_load(s) ^ line->text[0];
    other |= swar_load(s + 8) ^ line->text[1];
    other |= swar_load(s + 16) ^ line->text[2];
    other |= swar_load(s + 20) ^ line->text[3];
    return other == 0;
}

/* Take a line that has another number; false if it is another line. */
static bool take_line(struct quick_line *line, const char *s)
{
    uint64_t word = swar_load(s + QUICK_KEY);
    uint64_t bad = swar_load(s) ^ line->text[0];
    bad |= swar_load(s + 8) ^ line->text[1];
    bad |= (swar_load4(s + QUICK_KEY + QUICK_NUMBER) ^ line->unit) & line->unit_mask;
    uint64_t value = swar_decimal(word, &bad);
    if (bad)
        return false;
    line->text[2] = word;
    line->text[3] = swar_load(s + QUICK_KEY + 4);
    line->value = line->column == COL_SIZE_KB ? 0 : value;
    return true;
}

/* Clear the row after the last one: it is zero until it is added. */
static void forget_row(struct quick *q, size_t row)
{
    for (size_t i = 0; i < q->n_lines; i++) {
        if (q->lines[i].values)
            q->lines[i].values[row] = 0;
    }
}

/* Write the number of a line, which is not 0, into the row after the last one. */
static enum memc_status put_value(struct memc_snapshot *t, struct quick_line *line)
{
    if (!line->values) {
        enum memc_status st = values_make(t, &t->columns[line->column]);
        if (st < 0)
            return st;
        line->values = table_u64(t, line->column);
    }
    line->values[t->rows] = line->value;
    return MEMC_OK;
}

/* Take the counters at `s`; *taken is false if they are laid out in another way.  The
 * numbers go into the row after the last one, which counts only after it is added.
 * Most are 0, and the row is zero already: memory that is never written costs
 * nothing. */
static enum memc_status take_counters(struct quick *q, struct memc_snapshot *t,
                                      const char *s, bool *taken)
{
    enum memc_status st = MEMC_OK;
    *taken = true;
    for (size_t i = 0; *taken && st >= 0 && i < q->n_lines; i++) {
        struct quick_line *line = &q->lines[i];
        *taken = is_same(line, s + line->at) || take_line(line, s + line->at);
        if (*taken && line->value)
            st = put_value(t, line);
    }
    if (!*taken || st < 0)
        forget_row(q, t->rows);
    return st;
}

/* Set what only a region with a file has.  Other regions have 0 here, and the row is
 * zero already. */
static enum memc_status add_file(struct memc_snapshot *t, const struct header *h)
{
    enum memc_status st = table_put(t, COL_OFFSET, t->rows, h->offset);
    if (st >= 0)
        st = table_put(t, COL_DEV_MAJOR, t->rows, h->dev_major);
    if (st >= 0)
        st = table_put(t, COL_DEV_MINOR, t->rows, h->dev_minor);
    if (st >= 0)
        st = table_put(t, COL_INODE, t->rows, h->inode);
    return st;
}

static enum memc_status add_header(const struct quick *q, struct memc_snapshot *t)
{
    const struct header *h = &q->header;
    enum memc_status st = MEMC_OK;
    if (h->offset | h->dev_major | h->dev_minor | h->inode)
        st = add_file(t, h);
    table_u64(t, COL_START)[t->rows] = h->start;
    table_u64(t, COL_END)[t->rows] = h->end;
    table_u8(t, COL_PERM)[t->rows] = (uint8_t)h->perm;
    if (q->name_id)
        table_u32(t, COL_PATHNAME)[t->rows] = q->name_id;
    t->rows++;
    return st;
}

/* Take the flags of the last row, if the text continues with a whole line of flags. */
static enum memc_status take_flags(struct quick *q, struct memc_snapshot *t,
                                   struct scan *s, uint64_t *lines)
{
    size_t key = sizeof FLAGS_KEY - 1;
    if (scan_left(s) < key || memcmp(s->pos, FLAGS_KEY, key) != 0)
        return MEMC_OK;
    const char *begin = s->pos + key;
    const char *newline = memchr(begin, '\n', (size_t)(s->end - begin));
    size_t len = newline ? (size_t)(newline - begin) : 0;
    if (len == 0 || len > QUICK_FLAGS_SIZE)
        return MEMC_OK;

    /* The length and the last flag tell most sets of flags apart. */
    struct quick_flags *f =
        &q->flags[(len / 3 + (unsigned char)newline[-3]) % QUICK_FLAGS];
    if (f->len != len || memcmp(f->text, begin, len) != 0) {
        if (memchr(begin, '\0', len))
            return MEMC_OK;
        struct scan text = {begin, newline};
        enum memc_status st = intern_flags(&t->strings, text, &f->id);
        if (st < 0)
            return st;
        f->len = (uint32_t)len;
        memcpy(f->text, begin, len);
    }
    s->pos = newline + 1;
    ++*lines;
    return table_set(t, COL_VM_FLAGS, f->id);
}

/* Take the counters after the header that ended at s->pos. */
static enum memc_status take_record(struct quick *q, struct memc_snapshot *t,
                                    struct scan *s, uint64_t *lines)
{
    enum memc_status st = reserve_row(q, t);
    if (st < 0 || scan_left(s) < q->size + SLACK)
        return st;
    bool taken;
    st = take_counters(q, t, s->pos, &taken);
    q->misses += !taken;
    if (!taken || st < 0)
        return st;
    if (!q->running)
        st = resume(q, t);
    if (st >= 0)
        st = add_header(q, t);
    if (st < 0)
        return st;
    q->misses = 0;
    s->pos += q->size;
    *lines = 1 + q->n_lines;
    return q->n_lines ? take_flags(q, t, s, lines) : MEMC_OK;
}

enum memc_status quick_take(struct quick *q, struct memc_snapshot *t, struct scan *text,
                            bool maps, uint64_t *lines)
{
    struct scan s = *text;
    *lines = 0;
    if ((!maps && q->n_lines == 0) || !header_take(&s, &q->header))
        return MEMC_OK;
    enum memc_status st = name_id(q, t, q->header.name);
    if (st >= 0)
        st = take_record(q, t, &s, lines);
    if (*lines)
        *text = s;
    return st;
}
