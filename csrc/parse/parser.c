/*
 * parser.c - the text of maps and smaps, into a table.
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
 * This file defines what is valid: it makes every check, in order, and reports the
 * place.
 */
#include "parse/parser.h"

#include "parse/counter.h"
#include "parse/header.h"
#include "parse/intern.h"

/* Report that the line is bad: at `pos`, `what` was expected. */
static enum memc_status expected(struct parser *p, const char *pos, const char *what)
{
    p->error = (struct memc_error){
        .status = MEMC_ERR_FORMAT,
        .line = p->line,
        .column = (uint64_t)(pos - p->line_start) + 1,
        .what = what,
    };
    return MEMC_ERR_FORMAT;
}

static enum memc_status add_region(struct memc_snapshot *t, const struct header *h,
                                   uint32_t name)
{
    const uint64_t values[] = {
        [COL_START] = h->start,         [COL_END] = h->end,
        [COL_PERM] = h->perm,           [COL_OFFSET] = h->offset,
        [COL_DEV_MAJOR] = h->dev_major, [COL_DEV_MINOR] = h->dev_minor,
        [COL_INODE] = h->inode,         [COL_PATHNAME] = name,
    };
    enum memc_status st = table_add_row(t);
    for (size_t i = 0; st >= 0 && i < sizeof values / sizeof *values; i++)
        st = table_set(t, i, values[i]);
    return st;
}

static enum memc_status parse_header(struct parser *p, struct scan line)
{
    struct header h;
    struct expect e = {line, NULL};
    uint32_t name;
    if (!header_parse(&e, &h))
        return expected(p, e.at.pos, e.what);
    p->next_column = COL_SIZE_KB;
    enum memc_status st = intern_name(&p->table->strings, h.name, &name);
    return st < 0 ? st : add_region(p->table, &h, name);
}

static enum memc_status parse_counter(struct parser *p, struct scan line)
{
    struct expect e = {line, NULL};
    if (p->options.kind == MEMC_KIND_MAPS)
        return expected(p, line.pos, "a region, not a counter: is this smaps text?");
    if (p->table->rows == 0)
        return expected(p, line.pos, "a region before its counters");
    enum memc_status st = counter_parse(&e, p->table, &p->next_column);
    return st == MEMC_ERR_FORMAT ? expected(p, e.at.pos, e.what) : st;
}

static bool is_counter(const struct scan *line)
{
    return line->pos < line->end && *line->pos >= 'A' && *line->pos <= 'Z';
}

/* Report that the text is cut short, if the last line has no newline and is bad at its
 * very end, or if its key has no colon yet. */
static enum memc_status check_cut(struct parser *p, const struct scan *line,
                                  enum memc_status st)
{
    bool at_end =
        st == MEMC_ERR_FORMAT && p->line_start + p->error.column - 1 == line->end;
    bool no_colon =
        st == MEMC_OK && is_counter(line) && !memchr(line->pos, ':', scan_left(line));
    if (at_end || no_colon)
        return expected(p, line->end,
                        "the rest of the line: the text is cut short here");
    return st;
}

static enum memc_status parse_line(struct parser *p, struct scan line, bool cut)
{
    const char *nul =
        line.pos < line.end ? memchr(line.pos, '\0', scan_left(&line)) : NULL;
    if (nul)
        return expected(p, nul, "a line without NUL bytes");
    enum memc_status st =
        is_counter(&line) ? parse_counter(p, line) : parse_header(p, line);
    return cut ? check_cut(p, &line, st) : st;
}

/* Note a bad line of lenient text; the first one is kept for the words of the note. */
static void note_bad_line(struct parser *p)
{
    p->skipping = true;
    if (p->crlf) /* every line has been noted already */
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

/* Return the length of the first line without its CR LF, if every line ends in CR LF;
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

enum memc_status parser_check_crlf(struct parser *p, struct scan text)
{
    size_t first = first_crlf(text);
    if (first == SIZE_MAX)
        return MEMC_OK;
    p->line_start = text.pos;
    p->line = 1;
    (void)expected(p, text.pos + first,
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

/* A record that is laid out like the others takes the fast path. */
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
