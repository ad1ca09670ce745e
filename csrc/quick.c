/*
 * quick.c - the fast path: records that are laid out as the kernel prints them.
 *
 * All records of one file have the same keys at the same places, with numbers
 * right-aligned in eight characters (show_smap() in fs/proc/task_mmu.c).  So the
 * keys are compared a word at a time against those of a record seen before, and
 * every number is taken by the same few instructions.
 */
#include "quick.h"

#include "header.h"
#include "intern.h"
#include "swar.h"

enum {
    KEY = 16,
    NUMBER = 8,
    UNIT = 4,
    LINE = KEY + NUMBER + UNIT,
    MISSES = 4, /* then the layout is learnt anew */
    SLACK = 4,  /* bytes that are loaded behind the last line */
    NAME_SIZE = 2 * KEY + 4,
};

static const char FLAGS_KEY[] = "VmFlags:";

/* ---- learning ---------------------------------------------------------- */

/* The column that a key's values went to; N_FIELDS if none. */
static size_t column_of(const struct memc_snapshot *t, const char *key, size_t len,
                        bool kb)
{
    size_t column = field_find(N_FIELDS, key, len);
    if (column < N_FIELDS) {
        bool kb_wanted = FIELDS[column].unit == MEMC_UNIT_KB;
        return kb == kb_wanted ? column : N_FIELDS;
    }
    char name[NAME_SIZE];
    if (!field_unknown_name(key, len, kb, name, sizeof name))
        return N_FIELDS;
    for (size_t i = N_FIELDS; i < t->n_columns; i++) {
        if (strcmp(t->columns[i].name, name) == 0 && t->columns[i].width == 8)
            return i;
    }
    return N_FIELDS;
}

/* Take a line into the layout if it is printed the usual way. */
static bool learn_line(struct quick *q, const struct memc_snapshot *t, struct scan line)
{
    size_t len = scan_left(&line) + 1; /* with its newline */
    bool kb = len == LINE;
    const char *colon = memchr(line.pos, ':', scan_left(&line));
    uint64_t bad = 0;
    if ((!kb && len != KEY + NUMBER + 1) || !colon || colon - line.pos >= KEY)
        return false;
    uint64_t word = swar_load(line.pos + KEY);
    uint64_t value = swar_decimal(word, &bad);
    for (const char *p = colon + 1; p < line.pos + KEY; p++)
        bad |= *p != ' ';
    if (bad || (kb && memcmp(line.end - 3, " kB", 3) != 0))
        return false;
    size_t column = column_of(t, line.pos, (size_t)(colon - line.pos), kb);
    if (column == N_FIELDS || q->n_lines == QUICK_LINES)
        return false;

    q->lines[q->n_lines++] = (struct quick_line){
        .at = (uint32_t)q->size,
        .column = (uint32_t)column,
        .text = {swar_load(line.pos), swar_load(line.pos + 8), word, 0},
        .value = value,
        .unit = swar_load4(kb ? " kB\n" : "\n\0\0"),
        .unit_mask = kb ? UINT32_MAX : 0xff,
    };
    q->size += len;
    return true;
}

void quick_learn(struct quick *q, const struct memc_snapshot *t, struct scan counters)
{
    if (q->n_lines && q->misses < MISSES)
        return;
    q->n_lines = 0;
    q->size = 0;
    q->misses = 0;
    q->row_cap = 0;
    while (counters.pos < counters.end) {
        if (!learn_line(q, t, scan_line(&counters)))
            return;
    }
}

/* The number of the name; most regions have the name of the one before. */
static enum memc_status name_id(struct quick *q, struct memc_snapshot *t,
                                struct scan name)
{
    size_t len = scan_left(&name);
    if (strpool_equals(&t->strings, q->name_id, name.pos, len))
        return MEMC_OK;
    return intern_name(&t->strings, name, &q->name_id);
}

/* ---- the record -------------------------------------------------------- */

static const uint8_t HEADER_COLUMNS[] = {
    COL_START,     COL_END,       COL_PERM,  COL_OFFSET,
    COL_DEV_MAJOR, COL_DEV_MINOR, COL_INODE, COL_PATHNAME,
};

/* From here on the columns' `filled` is behind; quick_pause() mends that. */
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

/* Memory for the next row; and where the columns are, when they have moved. */
static enum memc_status reserve_row(struct quick *q, struct memc_snapshot *t)
{
    enum memc_status st = table_reserve_row(t);
    if (st < 0 || q->row_cap == t->row_cap)
        return st;
    for (size_t i = 0; i < q->n_lines; i++) {
        uint32_t column = q->lines[i].column;
        q->lines[i].values = column == COL_SIZE_KB ? NULL : table_u64(t, column);
    }
    q->row_cap = t->row_cap;
    return MEMC_OK;
}

/* Most lines say what they said in the record before. */
static inline bool is_same(const struct quick_line *line, const char *s)
{
    uint64_t other = swar_load(s) ^ line->text[0];
    other |= swar_load(s + 8) ^ line->text[1];
    other |= swar_load(s + 16) ^ line->text[2];
    other |= swar_load(s + 20) ^ line->text[3];
    return other == 0;
}

/* A line with another number; false when it is another line. */
static bool take_line(struct quick_line *line, const char *s)
{
    uint64_t word = swar_load(s + KEY);
    uint64_t bad = swar_load(s) ^ line->text[0];
    bad |= swar_load(s + 8) ^ line->text[1];
    bad |= (swar_load4(s + KEY + NUMBER) ^ line->unit) & line->unit_mask;
    uint64_t value = swar_decimal(word, &bad);
    if (bad)
        return false;
    line->text[2] = word;
    line->text[3] = swar_load(s + KEY + 4);
    line->value = value;
    return true;
}

/* The row behind the last is zero until it is added. */
static void forget_row(struct quick *q, size_t row)
{
    for (size_t i = 0; i < q->n_lines; i++) {
        if (q->lines[i].values)
            q->lines[i].values[row] = 0;
    }
}

/* Whether the counters at `s` are laid out as learnt; their numbers go to the
 * row behind the last, which counts only once it is added.  Most are 0 and stand
 * there already: pages of memory that nothing is written to cost nothing. */
static bool take_counters(struct quick *q, const char *s, size_t row)
{
    for (size_t i = 0; i < q->n_lines; i++) {
        struct quick_line *line = &q->lines[i];
        if (!is_same(line, s + line->at) && !take_line(line, s + line->at)) {
            forget_row(q, row);
            return false;
        }
        if (line->value && line->values)
            line->values[row] = line->value;
    }
    return true;
}

static void add_header(struct quick *q, struct memc_snapshot *t, const struct header *h)
{
    size_t row = t->rows++;
    table_u64(t, COL_START)[row] = h->start;
    table_u64(t, COL_END)[row] = h->end;
    table_u8(t, COL_PERM)[row] = (uint8_t)h->perm;
    table_u64(t, COL_OFFSET)[row] = h->offset;
    table_u32(t, COL_DEV_MAJOR)[row] = (uint32_t)h->dev_major;
    table_u32(t, COL_DEV_MINOR)[row] = (uint32_t)h->dev_minor;
    table_u64(t, COL_INODE)[row] = h->inode;
    table_u32(t, COL_PATHNAME)[row] = q->name_id;
}

/* The flags of the last row, when the text goes on with them whole. */
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

    /* Which flags there are shows in how many and which are last. */
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

/* The counters behind the header that ended at s->pos. */
static enum memc_status take_record(struct quick *q, struct memc_snapshot *t,
                                    struct scan *s, const struct header *h,
                                    uint64_t *lines)
{
    enum memc_status st = reserve_row(q, t);
    if (st < 0 || scan_left(s) < q->size + SLACK)
        return st;
    if (!take_counters(q, s->pos, t->rows)) {
        q->misses++;
        return MEMC_OK;
    }
    if (!q->running)
        st = resume(q, t);
    if (st < 0)
        return st;
    add_header(q, t, h);
    q->misses = 0;
    s->pos += q->size;
    *lines = 1 + q->n_lines;
    return q->n_lines ? take_flags(q, t, s, lines) : MEMC_OK;
}

enum memc_status quick_take(struct quick *q, struct memc_snapshot *t, struct scan *text,
                            bool maps, uint64_t *lines)
{
    struct scan s = *text;
    struct header h;
    *lines = 0;
    if ((!maps && q->n_lines == 0) || !header_take(&s, &h))
        return MEMC_OK;
    enum memc_status st = name_id(q, t, h.name);
    if (st >= 0)
        st = take_record(q, t, &s, &h, lines);
    if (*lines)
        *text = s;
    return st;
}
