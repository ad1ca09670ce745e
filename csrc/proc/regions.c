#include "proc/regions.h"

#include <stdlib.h>

#include "base/clock.h"
#include "parse/parser.h"
#include "proc/entry.h"
#include "proc/pagemap.h"
#include "proc/pagescan.h"
#include "table/repair.h"

enum { READ_SIZE = 64 * 1024 };

/* One file while it is read, and the part of it that waits for its newline. */
struct reading {
    struct source_file file;
    struct parser *parser;
    char *bytes;
    size_t size;
    size_t waiting; /* bytes of an unfinished line at the start of `bytes` */
    uint64_t total;
    bool timed;       /* measure the longest read */
    bool gentle;      /* and let the process go on now and then */
    uint64_t held_ns; /* since it was let */
};

/* A line that fills the buffer (a path of many KiB) needs a larger one.  A file of a
 * copy may have grown since it was opened. */
static enum memc_status make_room(struct reading *r, struct memc_error *err)
{
    bool large = r->waiting > ENTRY_MAX_LINE || r->total > ENTRY_MAX_SIZE;
    if (large && r->file.source->is_copy)
        return source_too_large(&r->file, err);
    if (r->waiting < r->size / 2)
        return MEMC_OK;
    char *bytes = realloc(r->bytes, r->size * 2);
    if (!bytes)
        return MEMC_ERR_MEMORY;
    r->bytes = bytes;
    r->size *= 2;
    return MEMC_OK;
}

/* Read once.  The read holds the lock of the process no longer than it takes. */
static enum memc_status read_timed(struct reading *r, size_t *len,
                                   struct memc_error *err)
{
    struct memc_info *info = &r->parser->table->info;
    uint64_t began_ns = r->timed ? clock_now_ns() : 0;
    enum memc_status st =
        source_read(&r->file, r->bytes + r->waiting, r->size - r->waiting, len, err);
    uint64_t took_ns = r->timed ? clock_now_ns() - began_ns : 0;
    if (took_ns > info->longest_read_ns)
        info->longest_read_ns = took_ns;
    if (r->gentle)
        pagescan_pause(&r->held_ns, took_ns);
    return st;
}

/* Read once, and parse it; *more is false at the end of the file. */
static enum memc_status read_on(struct reading *r, bool *more, struct memc_error *err)
{
    size_t len = 0;
    size_t used = 0;
    enum memc_status st = make_room(r, err);
    if (st >= 0)
        st = read_timed(r, &len, err);
    if (st == MEMC_ERR_GONE && r->total) { /* it was reaped: this is the end */
        st = MEMC_OK;
        len = 0;
    }
    if (st < 0)
        return st;
    *more = len > 0;
    r->total += len;
    len += r->waiting;
    struct scan text = {r->bytes, r->bytes + len};
    st = parser_feed(r->parser, text, !*more, &used);
    r->waiting = len - used;
    if (r->waiting)
        memmove(r->bytes, r->bytes + used, r->waiting);
    return st;
}

static enum memc_status read_file(struct reading *r, struct memc_error *err)
{
    r->bytes = malloc(READ_SIZE);
    if (!r->bytes)
        return MEMC_ERR_MEMORY;
    r->size = READ_SIZE;
    bool more = true;
    enum memc_status st = MEMC_OK;
    while (st >= 0 && more)
        st = read_on(r, &more, err);
    free(r->bytes);
    return st;
}

/* Read the page tables, if the detail needs them. */
static enum memc_status read_pages(const struct reading *r, enum memc_detail detail)
{
    struct memc_snapshot *t = r->parser->table;
    if (!pagemap_is_read(detail) || t->by_smaps)
        return MEMC_OK;
    enum memc_status st = repair_table(t);
    return st < 0 ? st : pagemap_fill(&r->file, t, detail);
}

/* Note a list that was cut short: if a process execs or dies, its list ends early,
 * without an error, and its page tables are empty.  An empty list is complete. */
static void check_whole(const struct reading *r)
{
    struct memc_snapshot *t = r->parser->table;
    t->has_memory = r->total > 0;
    if (t->has_memory && !source_still_there(&r->file))
        t->notes[MEMC_NOTE_CUT] = 1;
}

/* Tell whether the process exists without memory: Linux 6.16.0 says ESRCH when the maps
 * of a kernel thread are opened (65c66047259f). */
static bool is_memoryless(const struct source *s)
{
    struct source_text statm;
    return source_read_text(s, "statm", &statm, NULL) >= 0;
}

enum memc_status regions_read(const struct source *s, struct memc_snapshot *t,
                              struct memc_error *err)
{
    enum memc_detail detail = t->info.detail;
    struct memc_parse_options options = {.kind = MEMC_KIND_SMAPS, .lenient = true};
    struct parser p;
    struct reading r = {.parser = &p};
    const char *name = "smaps";
    bool smaps = detail == MEMC_DETAIL_SMAPS || t->by_smaps;
    if (!smaps) {
        options.kind = MEMC_KIND_MAPS;
        name = "maps";
    }
    r.timed = smaps;
    r.gentle = t->by_smaps;
    parser_init(&p, t, &options);
    enum memc_status st = source_open_file(s, name, &r.file, err);
    if (st == MEMC_ERR_GONE && is_memoryless(s))
        return MEMC_OK;
    if (st < 0)
        return st;
    st = read_file(&r, err);
    if (st >= 0)
        st = read_pages(&r, detail);
    if (st >= 0)
        check_whole(&r);
    source_close_file(&r.file);
    t->info.bytes_read += r.total;
    return st;
}
