/* quick_learn.c - learn how the counters of a record are laid out. */
#include "base/swar.h"
#include "parse/quick.h"

enum {
    MISSES = 4, /* after so many, learn the layout again */
    NAME_SIZE = 2 * QUICK_KEY + 4,
};

/* Return the column that has the values of a key; SIZE_MAX if none has. */
static size_t column_of(const struct memc_snapshot *t, const char *key, size_t len,
                        bool kb)
{
    size_t column = field_find(N_FIELDS, key, len);
    if (column < N_FIELDS) {
        bool kb_wanted = FIELDS[column].unit == MEMC_UNIT_KB;
        return kb == kb_wanted ? column : SIZE_MAX;
    }
    char name[NAME_SIZE];
    if (!field_unknown_name(key, len, kb, name, sizeof name))
        return SIZE_MAX;
    for (size_t i = N_FIELDS; i < t->n_columns; i++) {
        if (strcmp(t->columns[i].name, name) == 0 && t->columns[i].width == 8)
            return i;
    }
    return SIZE_MAX;
}

/* Tell whether the layout has the column already.  A record that has a key twice is
 * left to the general parser, for which the last one counts, even if it is 0. */
static bool is_learnt(const struct quick *q, size_t column)
{
    for (size_t i = 0; i < q->n_lines; i++) {
        if (q->lines[i].column == column)
            return true;
    }
    return false;
}

/* Add a line to the layout, if it is printed in the usual way. */
static bool learn_line(struct quick *q, const struct memc_snapshot *t, struct scan line)
{
    size_t len = scan_left(&line) + 1; /* with its newline */
    bool kb = len == QUICK_LINE;
    const char *colon = memchr(line.pos, ':', scan_left(&line));
    uint64_t bad = 0;
    if ((!kb && len != QUICK_KEY + QUICK_NUMBER + 1) || !colon ||
        colon - line.pos >= QUICK_KEY)
        return false;
    uint64_t word = swar_load(line.pos + QUICK_KEY);
    uint64_t value = swar_decimal(word, &bad);
    for (const char *p = colon + 1; p < line.pos + QUICK_KEY; p++)
        bad |= *p != ' ';
    if (bad || (kb && memcmp(line.end - 3, " kB", 3) != 0))
        return false;
    size_t column = column_of(t, line.pos, (size_t)(colon - line.pos), kb);
    if (column == SIZE_MAX || q->n_lines == QUICK_LINES || is_learnt(q, column))
        return false;

    q->lines[q->n_lines++] = (struct quick_line){
        .at = (uint32_t)q->size,
        .column = (uint32_t)column,
        .text = {swar_load(line.pos), swar_load(line.pos + 8), word, 0},
        .value = column == COL_SIZE_KB ? 0 : value,
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
