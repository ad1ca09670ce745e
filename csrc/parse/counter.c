#include "parse/counter.h"

#include "parse/intern.h"

enum { NAME_SIZE = 256 };

static const struct number VALUE = {10, '\0', "a number"};

static enum memc_status set_flags(struct memc_snapshot *t, struct scan s)
{
    uint32_t id;
    enum memc_status st = intern_flags(&t->strings, s, &id);
    return st < 0 ? st : table_set(t, COL_VM_FLAGS, id);
}

/* The kernels of Android's vendors print "Name:  [anon:...]". */
static enum memc_status set_name(struct memc_snapshot *t, struct scan s)
{
    size_t column;
    uint32_t id;
    scan_blanks(&s);
    enum memc_status st = strpool_intern(&t->strings, s.pos, scan_left(&s), &id);
    if (st >= 0)
        st = table_extra(t, "name", MEMC_UNIT_STRING, &column);
    return st < 0 || column == SIZE_MAX ? st : table_set(t, column, id);
}

/* Read the "kB" after a number; only blanks may follow. */
static bool scan_kb(struct scan *s)
{
    scan_blanks(s);
    if (!scan_char(s, 'k') || !scan_char(s, 'B'))
        return false;
    scan_blanks(s);
    return s->pos == s->end;
}

/* Read the value of a key that memc knows; false when it is bad. */
static bool parse_known(struct expect *e, size_t field, uint64_t *ret)
{
    struct scan *s = &e->at;
    scan_blanks(s);
    if (!expect_number(e, &VALUE, ret))
        return false;
    if (FIELDS[field].unit == MEMC_UNIT_KB && !scan_kb(s))
        return expect_failed(e, s->pos, "kB");
    if (s->pos < s->end && *s->pos != ' ' && *s->pos != '\t')
        return expect_failed(e, s->pos, "the end of the line");
    return true;
}

/* A key that memc does not know becomes a column if its value is a number. */
static enum memc_status set_unknown(struct expect *e, struct memc_snapshot *t,
                                    struct scan key)
{
    char name[NAME_SIZE];
    size_t column;
    uint64_t value;
    scan_blanks(&e->at);
    if (e->at.pos == e->at.end || scan_digit(*e->at.pos) >= 10)
        return MEMC_OK;
    if (!expect_number(e, &VALUE, &value))
        return MEMC_ERR_FORMAT;
    struct scan unit = e->at;
    bool kb = scan_kb(&unit);
    scan_blanks(&e->at);
    if (!kb && e->at.pos < e->at.end)
        return MEMC_OK;
    if (!field_unknown_name(key.pos, scan_left(&key), kb, name, sizeof name))
        return MEMC_OK;
    enum memc_status st =
        table_extra(t, name, kb ? MEMC_UNIT_KB : MEMC_UNIT_NUMBER, &column);
    return st < 0 || column == SIZE_MAX ? st : table_set(t, column, value);
}

enum memc_status counter_parse(struct expect *e, struct memc_snapshot *t, size_t *next)
{
    const char *colon = memchr(e->at.pos, ':', scan_left(&e->at));
    if (!colon)
        return MEMC_OK;
    struct scan key = {e->at.pos, colon};
    e->at.pos = colon + 1;

    uint64_t value;
    size_t field = field_find(*next, key.pos, scan_left(&key));
    if (field < N_FIELDS)
        *next = field + 1;
    if (field == COL_VM_FLAGS)
        return set_flags(t, e->at);
    if (scan_is(&key, "Name", 4))
        return set_name(t, e->at);
    if (field >= N_FIELDS)
        return set_unknown(e, t, key);
    if (!parse_known(e, field, &value))
        return MEMC_ERR_FORMAT;
    return field == COL_SIZE_KB ? MEMC_OK : table_set(t, field, value);
}
