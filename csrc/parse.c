/*
 * parse.c - the text of maps and smaps, into a table.
 *
 * maps is a list of header lines; smaps adds "Key: value" lines after each:
 *
 *   55d0c8a00000-55d0c8a02000 r--p 00001000 103:02 787212  /usr/bin/cat
 *   Rss:                  16 kB
 *   THPeligible:           0
 *   VmFlags: rd mr mw me sd
 *
 * A key starts with an upper-case letter, a header with a lower-case hex digit
 * (show_map_vma() and show_smap() in fs/proc/task_mmu.c print them so).
 *
 * This is the definition: every check is made, in order, at a known place.
 */
#include "parse.h"

#include "intern.h"

enum { NAME_SIZE = 256 };

/* The line is bad: at `at`, `what` was expected. */
static enum memc_status expected(struct parser *p, const struct scan *at,
                                 const char *what)
{
    p->error = (struct memc_error){
        .status = MEMC_ERR_FORMAT,
        .line = p->line,
        .column = (uint64_t)(at->pos - p->line_start) + 1,
        .what = what,
    };
    return MEMC_ERR_FORMAT;
}

/* A number of the text: its base, the byte behind it (0: any), and its name. */
struct number {
    unsigned base;
    char behind;
    const char *what;
};

static const struct number START = {16, '-', "start address"};
static const struct number END = {16, ' ', "end address"};
static const struct number OFFSET = {16, ' ', "offset"};
static const struct number MAJOR = {16, ':', "device"};
static const struct number MINOR = {16, ' ', "device"};
static const struct number INODE = {10, '\0', "inode"};
static const struct number COUNTER = {10, '\0', "a number"};

static enum memc_status parse_number(struct parser *p, struct scan *s,
                                     const struct number *n, uint64_t *ret)
{
    if (!scan_number(s, n->base, UINT64_MAX, ret)) {
        bool too_long = s->pos < s->end && scan_digit(*s->pos) < n->base;
        return expected(p, s, too_long ? "a number of at most 64 bits" : n->what);
    }
    if (n->behind && !scan_char(s, n->behind))
        return expected(p, s, n->what);
    return MEMC_OK;
}

static enum memc_status parse_device_number(struct parser *p, struct scan *s,
                                            const struct number *n, uint64_t *ret)
{
    struct scan at = *s;
    enum memc_status st = parse_number(p, s, n, ret);
    if (st >= 0 && *ret > UINT32_MAX)
        return expected(p, &at, "a device number of at most 32 bits");
    return st;
}

/* "rwxp" and a blank: bits 1 r, 2 w, 4 x, 8 s, 16 p. */
static enum memc_status parse_perm(struct parser *p, struct scan *s, uint64_t *ret)
{
    static const char LETTERS[4][3] = {"r", "w", "x", "sp"};
    uint64_t perm = 0;
    for (unsigned i = 0; i < 4; i++) {
        char c = s->pos < s->end ? *s->pos : '\0';
        if (c == LETTERS[i][0])
            perm |= 1U << i;
        else if (i == 3 && c == LETTERS[i][1])
            perm |= 16;
        else if (c != '-')
            return expected(p, s, "permissions");
        s->pos++;
    }
    if (!scan_char(s, ' '))
        return expected(p, s, "permissions");
    *ret = perm;
    return MEMC_OK;
}

/* The name column: blanks, then all the rest of the line, blanks too. */
static enum memc_status parse_name(struct parser *p, struct scan *s, uint64_t *ret)
{
    if (s->pos < s->end && *s->pos != ' ')
        return expected(p, s, "inode");
    while (s->pos < s->end && *s->pos == ' ')
        s->pos++;
    uint32_t id;
    enum memc_status st = intern_name(&p->table->strings, *s, &id);
    if (st < 0)
        return st;
    *ret = id;
    return MEMC_OK;
}

static enum memc_status parse_range(struct parser *p, struct scan *s, uint64_t *start,
                                    uint64_t *end)
{
    enum memc_status st = parse_number(p, s, &START, start);
    if (st < 0)
        return st;
    struct scan at = *s;
    st = parse_number(p, s, &END, end);
    if (st >= 0 && *end < *start)
        return expected(p, &at, "an end address not below the start");
    return st;
}

static enum memc_status parse_header(struct parser *p, struct scan s)
{
    uint64_t v[COL_TYPE];
    enum memc_status st = parse_range(p, &s, &v[COL_START], &v[COL_END]);
    if (st >= 0)
        st = parse_perm(p, &s, &v[COL_PERM]);
    if (st >= 0)
        st = parse_number(p, &s, &OFFSET, &v[COL_OFFSET]);
    if (st >= 0)
        st = parse_device_number(p, &s, &MAJOR, &v[COL_DEV_MAJOR]);
    if (st >= 0)
        st = parse_device_number(p, &s, &MINOR, &v[COL_DEV_MINOR]);
    if (st >= 0)
        st = parse_number(p, &s, &INODE, &v[COL_INODE]);
    if (st >= 0)
        st = parse_name(p, &s, &v[COL_PATHNAME]);
    if (st >= 0)
        st = table_add_row(p->table);
    for (size_t i = 0; st >= 0 && i < COL_TYPE; i++)
        st = table_set(p->table, i, v[i]);
    p->next_column = COL_SIZE_KB;
    return st;
}

static enum memc_status set_flags(struct parser *p, struct scan s)
{
    uint32_t id;
    enum memc_status st = intern_flags(&p->table->strings, s, &id);
    return st < 0 ? st : table_set(p->table, COL_VM_FLAGS, id);
}

/* Android's vendor kernels print "Name:  [anon:...]". */
static enum memc_status set_name(struct parser *p, struct scan s)
{
    size_t column;
    uint32_t id;
    scan_blanks(&s);
    enum memc_status st = strpool_intern(&p->table->strings, s.pos, scan_left(&s), &id);
    if (st >= 0)
        st = table_extra(p->table, "name", MEMC_UNIT_STRING, &column);
    if (st < 0 || column == SIZE_MAX)
        return st;
    return table_set(p->table, column, id);
}

/* The "kB" behind a number, and nothing but blanks behind that. */
static bool scan_kb(struct scan *s)
{
    scan_blanks(s);
    if (!scan_char(s, 'k') || !scan_char(s, 'B'))
        return false;
    scan_blanks(s);
    return s->pos == s->end;
}

static enum memc_status parse_known(struct parser *p, struct scan s, size_t field)
{
    uint64_t value;
    scan_blanks(&s);
    enum memc_status st = parse_number(p, &s, &COUNTER, &value);
    if (st < 0)
        return st;
    if (FIELDS[field].unit == MEMC_UNIT_KB && !scan_kb(&s))
        return expected(p, &s, "kB");
    if (s.pos < s.end && *s.pos != ' ' && *s.pos != '\t')
        return expected(p, &s, "the end of the line");
    return field == COL_SIZE_KB ? MEMC_OK : table_set(p->table, field, value);
}

/* A key this memc has not heard of: a column if its value is a number. */
static enum memc_status parse_unknown(struct parser *p, const char *key, size_t key_len,
                                      struct scan s)
{
    char name[NAME_SIZE];
    size_t column;
    uint64_t value;
    scan_blanks(&s);
    if (s.pos == s.end || scan_digit(*s.pos) >= 10)
        return MEMC_OK;
    enum memc_status st = parse_number(p, &s, &COUNTER, &value);
    if (st < 0)
        return st;
    struct scan unit = s;
    bool kb = scan_kb(&unit);
    scan_blanks(&s);
    if (!kb && s.pos < s.end)
        return MEMC_OK;
    if (!field_unknown_name(key, key_len, kb, name, sizeof name) ||
        strcmp(name, "name") == 0) /* that is Android's, and text */
        return MEMC_OK;
    st = table_extra(p->table, name, kb ? MEMC_UNIT_KB : MEMC_UNIT_NUMBER, &column);
    return st < 0 || column == SIZE_MAX ? st : table_set(p->table, column, value);
}

static enum memc_status parse_counter(struct parser *p, struct scan s)
{
    if (p->options.kind == MEMC_KIND_MAPS)
        return expected(p, &s, "a region, not a counter: is this smaps text?");
    if (p->table->rows == 0)
        return expected(p, &s, "a region before its counters");
    const char *key = s.pos;
    const char *colon = memchr(s.pos, ':', scan_left(&s));
    if (!colon)
        return MEMC_OK;
    size_t key_len = (size_t)(colon - key);
    s.pos = colon + 1;

    size_t field = field_find(p->next_column, key, key_len);
    if (field < N_FIELDS)
        p->next_column = field + 1;
    if (field == COL_VM_FLAGS)
        return set_flags(p, s);
    if (field < N_FIELDS)
        return parse_known(p, s, field);
    if (key_len == 4 && memcmp(key, "Name", 4) == 0)
        return set_name(p, s);
    return parse_unknown(p, key, key_len, s);
}

static bool is_counter(const struct scan *line)
{
    return line->pos < line->end && *line->pos >= 'A' && *line->pos <= 'Z';
}

/* A line whose newline is missing is cut where it is bad at its very end, or
 * where a key has no colon yet. */
static enum memc_status check_cut(struct parser *p, const struct scan *line,
                                  enum memc_status st)
{
    struct scan end = {line->end, line->end};
    bool at_end =
        st == MEMC_ERR_FORMAT && p->line_start + p->error.column - 1 == line->end;
    bool no_colon =
        st == MEMC_OK && is_counter(line) && !memchr(line->pos, ':', scan_left(line));
    if (at_end || no_colon)
        return expected(p, &end, "the rest of the line: the text is cut short here");
    return st;
}

static enum memc_status parse_line(struct parser *p, struct scan line, bool cut)
{
    const char *nul =
        line.pos < line.end ? memchr(line.pos, '\0', scan_left(&line)) : NULL;
    if (nul) {
        struct scan at = {nul, line.end};
        return expected(p, &at, "a line without NUL bytes");
    }
    enum memc_status st =
        is_counter(&line) ? parse_counter(p, line) : parse_header(p, line);
    return cut ? check_cut(p, &line, st) : st;
}

/* A bad line of lenient text is noted; the first one is kept for the words. */
static void note_bad_line(struct parser *p)
{
    p->skipping = true;
    if (p->crlf) /* every line is noted already */
        return;
    if (p->table->notes[MEMC_NOTE_BAD_LINE]++ == 0)
        p->table->first_bad = p->error;
}

static enum memc_status take_line(struct parser *p, struct scan line, bool cut)
{
    p->line++;
    p->line_start = line.pos;
    if (p->crlf) {
        p->table->notes[MEMC_NOTE_BAD_LINE]++;
        line.end--;
    }
    if (p->skipping && is_counter(&line))
        return MEMC_OK;
    p->skipping = false;
    enum memc_status st = parse_line(p, line, cut);
    if (st != MEMC_ERR_FORMAT || !p->options.lenient)
        return st;
    note_bad_line(p);
    return MEMC_OK;
}

/* The length of the first line without its CR LF, when every line ends so;
 * otherwise SIZE_MAX. */
static size_t first_crlf(struct scan text)
{
    size_t first = SIZE_MAX;
    while (text.pos < text.end) {
        struct scan line = scan_line(&text);
        if (line.pos == line.end || line.end[-1] != '\r' || line.end == text.end)
            return SIZE_MAX;
        if (first == SIZE_MAX)
            first = scan_left(&line) - 1;
    }
    return first;
}

/* One name that ends in CR is a name; a CR at every end is a changed text. */
static enum memc_status check_crlf(struct parser *p, struct scan text)
{
    size_t first = first_crlf(text);
    if (first == SIZE_MAX)
        return MEMC_OK;
    struct scan at = {text.pos + first, text.end};
    p->line_start = text.pos;
    p->line = 1;
    (void)expected(p, &at,
                   "a line feed alone: every line ends in CR LF, "
                   "the text was changed on its way");
    if (!p->options.lenient)
        return MEMC_ERR_FORMAT;
    p->table->first_bad = p->error;
    p->crlf = true;
    p->line = 0;
    return MEMC_OK;
}

void parser_init(struct parser *p, struct memc_snapshot *table,
                 const struct memc_parse_options *options)
{
    *p = (struct parser){.table = table, .options = *options};
}

/* A record that is laid out like the others takes the fast path, whole. */
static enum memc_status take_quick(struct parser *p, struct scan *text, bool *taken)
{
    uint64_t lines = 0;
    enum memc_status st = quick_take(&p->quick, p->table, text,
                                     p->options.kind == MEMC_KIND_MAPS, &lines);
    p->line += lines;
    *taken = lines > 0;
    return st;
}

static enum memc_status take_general(struct parser *p, struct scan *text, bool last)
{
    const char *begin = text->pos;
    struct scan line = scan_line(text);
    bool cut = line.end == text->end;
    bool header = !is_counter(&line);
    bool smaps = p->options.kind == MEMC_KIND_SMAPS;
    if (cut && !last) {
        text->pos = begin;
        return MEMC_OK;
    }
    quick_pause(&p->quick, p->table);
    if (header && smaps && p->counters) {
        struct scan counters = {p->counters, begin};
        quick_learn(&p->quick, p->table, counters);
    }
    enum memc_status st = take_line(p, line, cut);
    if (header)
        p->counters = p->skipping ? NULL : text->pos;
    return st;
}

enum memc_status parser_feed(struct parser *p, struct scan text, bool last,
                             size_t *used)
{
    const char *begin = text.pos;
    const char *before = NULL;
    enum memc_status st = MEMC_OK;
    if (!p->begun && text.pos < text.end)
        st = check_crlf(p, text);
    p->begun = true;
    p->counters = NULL;
    while (st >= 0 && text.pos < text.end && text.pos != before) {
        bool taken = false;
        before = text.pos;
        if (!p->options.general && !p->crlf && !is_counter(&text))
            st = take_quick(p, &text, &taken);
        if (taken)
            p->counters = NULL;
        p->skipping = p->skipping && !taken;
        if (st >= 0 && !taken)
            st = take_general(p, &text, last);
    }
    if (last)
        quick_pause(&p->quick, p->table);
    *used = (size_t)(text.pos - begin);
    return st;
}
