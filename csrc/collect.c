/*
 * collect.c - one process: source -> parse -> complete.
 *
 * The kernel hands out a page of whole records a read, and each is parsed while
 * it is in the cache; the text is never held whole.
 */
#include "collect.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "complete.h"
#include "parse.h"

enum { READ_SIZE = 64 * 1024 };

static uint64_t now(clockid_t clock, uint64_t unit_ns)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * (1000000000 / unit_ns) + (uint64_t)t.tv_nsec / unit_ns;
}

uint64_t collect_now_ms(void)
{
    return now(CLOCK_REALTIME, 1000000);
}

uint64_t collect_now_ns(void)
{
    return now(CLOCK_MONOTONIC, 1);
}

/* What is read of one file, and the part of it that waits for its newline. */
struct reading {
    struct source_file file;
    struct parser *parser;
    char *bytes;
    size_t size;
    size_t waiting; /* bytes of an unfinished line at the start of `bytes` */
    uint64_t total;
};

/* A line that fills the buffer (a path of many KiB) wants a larger one. */
static enum memc_status make_room(struct reading *r)
{
    if (r->waiting < r->size / 2)
        return MEMC_OK;
    char *bytes = realloc(r->bytes, r->size * 2);
    if (!bytes)
        return MEMC_ERR_MEMORY;
    r->bytes = bytes;
    r->size *= 2;
    return MEMC_OK;
}

/* Read once and parse what came; *more is false at the end of the file. */
static enum memc_status read_on(struct reading *r, bool *more, struct memc_error *err)
{
    size_t len;
    size_t used = 0;
    enum memc_status st = make_room(r);
    if (st >= 0)
        st = source_read(&r->file, r->bytes + r->waiting, r->size - r->waiting, &len,
                         err);
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

static enum memc_status read_all(struct reading *r, struct memc_error *err)
{
    bool more = true;
    enum memc_status st = MEMC_OK;
    while (st >= 0 && more)
        st = read_on(r, &more, err);
    return st;
}

/* After the end of a list that is not empty, ask whether it was the whole one:
 * a process that execs or dies ends its list early, without an error. */
static enum memc_status read_file(struct reading *r, struct memc_error *err)
{
    r->bytes = malloc(READ_SIZE);
    if (!r->bytes)
        return MEMC_ERR_MEMORY;
    r->size = READ_SIZE;
    enum memc_status st = read_all(r, err);
    free(r->bytes);
    if (st == MEMC_ERR_GONE && r->total)
        st = MEMC_OK; /* reaped while it was read */
    if (st >= 0 && r->total && !source_still_there(&r->file))
        r->parser->table->notes[MEMC_NOTE_CUT] = 1;
    return st;
}

/* Whether the process is there and has no memory: Linux 6.16.0 says ESRCH to
 * opening the maps of a kernel thread (65c66047259f). */
static bool is_memoryless(const struct source *s)
{
    struct source_text statm;
    return source_read_text(s, "statm", &statm, NULL) >= 0;
}

static enum memc_status read_regions(const struct source *s, enum memc_detail detail,
                                     struct memc_snapshot *t, struct memc_error *err)
{
    struct memc_parse_options options = {.kind = MEMC_KIND_SMAPS, .lenient = true};
    struct parser p;
    struct reading r = {.parser = &p};
    const char *name = "smaps";
    if (detail == MEMC_DETAIL_MAPS) {
        options.kind = MEMC_KIND_MAPS;
        name = "maps";
    }
    parser_init(&p, t, &options);
    enum memc_status st = source_open_file(s, name, &r.file, err);
    if (st == MEMC_ERR_GONE && is_memoryless(s))
        return MEMC_OK;
    if (st < 0)
        return st;
    st = read_file(&r, err);
    source_close_file(&r.file);
    t->info.bytes_read += r.total;
    return st;
}

/* "size resident shared text lib data dt", in pages. */
static void read_statm(const struct source *s, struct memc_snapshot *t)
{
    struct source_text statm;
    uint64_t size;
    uint64_t resident;
    if (source_read_text(s, "statm", &statm, NULL) < 0)
        return;
    t->info.bytes_read += statm.len;
    struct scan text = {statm.bytes, statm.bytes + statm.len};
    uint64_t page_kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
    if (!scan_number(&text, 10, UINT64_MAX, &size) || !scan_char(&text, ' ') ||
        !scan_number(&text, 10, UINT64_MAX / page_kb, &resident))
        return;
    t->info.total_rss_kb = resident * page_kb;
    t->info.has_total_rss = true;
}

static enum memc_status collect_table(const struct source *s, enum memc_detail detail,
                                      struct memc_snapshot *t, struct memc_error *err)
{
    enum memc_status st = read_regions(s, detail, t, err);
    if (st >= 0)
        st = complete_table(t);
    if (st >= 0 && !t->info.has_total_rss)
        read_statm(s, t);
    return st;
}

enum memc_status collect_process(struct source *s, int32_t pid,
                                 const struct memc_options *options,
                                 struct memc_snapshot **ret, struct memc_error *err)
{
    uint64_t began_ns = collect_now_ns();
    uint64_t timestamp_ms = collect_now_ms();
    struct memc_snapshot *t;
    enum memc_status st = source_open_process(s, pid, err);
    if (st < 0)
        return st;
    st = table_create(&t);
    if (st >= 0) {
        t->info.pid = pid;
        t->info.detail = options->detail;
        t->info.timestamp_ms = timestamp_ms;
        st = collect_table(s, options->detail, t, err);
        if (st < 0)
            memc_snapshot_destroy(t);
    }
    if (st < 0) {
        if (err && (st == MEMC_ERR_MEMORY || st == MEMC_ERR_LIMIT))
            *err = (struct memc_error){.status = st};
        return st;
    }
    t->info.cost_ns = collect_now_ns() - began_ns;
    *ret = t;
    return st;
}

void collect_name(const struct source *s, char name[COMM_SIZE], size_t *len)
{
    struct source_text comm;
    if (source_read_text(s, "comm", &comm, NULL) < 0)
        comm.len = 0;
    size_t n = comm.len < COMM_SIZE ? comm.len : COMM_SIZE - 1;
    if (n && comm.bytes[n - 1] == '\n')
        n--;
    memcpy(name, comm.bytes, n);
    name[n] = '\0';
    *len = n;
}

enum memc_status memc_collect(int32_t pid, const struct memc_options *options,
                              struct memc_snapshot **ret, struct memc_error *err)
{
    static const struct memc_options DEFAULTS = {0};
    const struct memc_options *o = options ? options : &DEFAULTS;
    struct source s;
    if (pid < 1) {
        if (err)
            *err = (struct memc_error){
                .status = MEMC_ERR_ARGUMENT,
                .what = "a pid is a positive number",
            };
        return MEMC_ERR_ARGUMENT;
    }
    enum memc_status st = source_open(&s, o->proc, err);
    if (st < 0)
        return st;
    st = collect_process(&s, pid, o, ret, err);
    source_close(&s);
    if (st < 0 || o->late == 0)
        return st;
    (*ret)->notes[MEMC_NOTE_LATE] = o->late;
    return MEMC_NOTED;
}
