/*
 * check.h - what the C tests share: a check that tells where it failed, whole
 * files, a buffer that ends where memory ends, and tables compared.
 */
#ifndef MEMC_TEST_CHECK_H
#define MEMC_TEST_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memc/memc.h"

#define CHECK(condition) check(condition, #condition, __FILE__, __LINE__)

static inline void check(bool good, const char *what, const char *file, int line)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

/* ---- inputs ------------------------------------------------------------ */

struct text {
    char *bytes;
    size_t len;
};

static inline struct text read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    struct text t = {.len = (size_t)ftell(file)};
    rewind(file);
    t.bytes = malloc(t.len + 1);
    CHECK(t.bytes && fread(t.bytes, 1, t.len, file) == t.len);
    (void)fclose(file);
    return t;
}

/*
 * Room whose last byte is followed by a page that may not be touched:
 *
 *   |        ... the text| PROT_NONE |
 *                        ^ end
 */
struct guarded {
    char *begin;
    char *end;
};

static inline struct guarded guarded_create(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (size + page) / page * page;
    char *begin = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(begin != MAP_FAILED);
    CHECK(mprotect(begin + room, page, PROT_NONE) == 0);
    return (struct guarded){begin, begin + room};
}

static inline void guarded_destroy(struct guarded g)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    CHECK(munmap(g.begin, (size_t)(g.end - g.begin) + page) == 0);
}

/* The bytes, copied to the very end. */
static inline const char *guarded_copy(struct guarded g, const char *bytes, size_t len)
{
    CHECK(len <= (size_t)(g.end - g.begin));
    if (len)
        memcpy(g.end - len, bytes, len);
    return g.end - len;
}

/* ---- tables ------------------------------------------------------------ */

static inline bool has_value(const struct memc_column *c, size_t row)
{
    return !c->valid || (c->valid[row / 8] >> row % 8 & 1);
}

static inline uint64_t value_of(const struct memc_column *c, size_t row)
{
    uint64_t value = 0;
    memcpy(&value, (const char *)c->values + row * c->width, c->width);
    return value;
}

static inline struct text string_of(const struct memc_snapshot *snap, uint64_t id)
{
    struct memc_strings s = memc_snapshot_strings(snap);
    CHECK(id < s.count && s.offsets[id] <= s.offsets[id + 1]);
    return (struct text){
        .bytes = (char *)(uintptr_t)(s.bytes + s.offsets[id]),
        .len = s.offsets[id + 1] - s.offsets[id],
    };
}

/* The numbers of strings may differ; what they number may not. */
static inline void check_same_value(const struct memc_snapshot *a,
                                    const struct memc_snapshot *b, size_t i, size_t row)
{
    struct memc_column x = memc_snapshot_column(a, i);
    struct memc_column y = memc_snapshot_column(b, i);
    CHECK(has_value(&x, row) == has_value(&y, row));
    if (x.unit != MEMC_UNIT_STRING && x.unit != MEMC_UNIT_FLAGS) {
        CHECK(value_of(&x, row) == value_of(&y, row));
        return;
    }
    struct text s = string_of(a, value_of(&x, row));
    struct text t = string_of(b, value_of(&y, row));
    CHECK(s.len == t.len && memcmp(s.bytes, t.bytes, s.len) == 0);
}

static inline void check_same_notes(const struct memc_snapshot *a,
                                    const struct memc_snapshot *b)
{
    for (size_t i = 0;; i++) {
        char s[512];
        char t[512];
        struct memc_note x = memc_snapshot_note(a, i);
        struct memc_note y = memc_snapshot_note(b, i);
        CHECK(!x.code == !y.code);
        if (!x.code)
            return;
        CHECK(strcmp(x.code, y.code) == 0 && x.count == y.count);
        CHECK(memc_snapshot_note_text(a, i, s, sizeof s) ==
              memc_snapshot_note_text(b, i, t, sizeof t));
        CHECK(strcmp(s, t) == 0);
    }
}

/* Everything a caller can see of two tables. */
static inline void check_same(const struct memc_snapshot *a,
                              const struct memc_snapshot *b)
{
    struct memc_info x = memc_snapshot_info(a);
    struct memc_info y = memc_snapshot_info(b);
    CHECK(x.rows == y.rows && x.detail == y.detail);
    CHECK(x.total_vsize_kb == y.total_vsize_kb && x.total_rss_kb == y.total_rss_kb);
    CHECK(x.has_total_rss == y.has_total_rss);
    CHECK(memc_snapshot_columns(a) == memc_snapshot_columns(b));
    for (size_t i = 0; i < memc_snapshot_columns(a); i++) {
        struct memc_column c = memc_snapshot_column(a, i);
        struct memc_column d = memc_snapshot_column(b, i);
        CHECK(strcmp(c.name, d.name) == 0 && c.width == d.width && c.unit == d.unit);
        for (size_t row = 0; row < x.rows; row++)
            check_same_value(a, b, i, row);
    }
    check_same_notes(a, b);
}

static inline void check_same_error(const struct memc_error *a,
                                    const struct memc_error *b)
{
    CHECK(a->status == b->status && a->line == b->line && a->column == b->column);
    CHECK(!a->what == !b->what && (!a->what || strcmp(a->what, b->what) == 0));
}

/* Sorted by start and not overlapping, whatever the text was. */
static inline void check_in_order(const struct memc_snapshot *snap)
{
    struct memc_column start = memc_snapshot_column(snap, 0);
    struct memc_column end = memc_snapshot_column(snap, 1);
    CHECK(strcmp(start.name, "start") == 0 && strcmp(end.name, "end") == 0);
    for (size_t i = 0; i < memc_snapshot_rows(snap); i++) {
        CHECK(value_of(&start, i) <= value_of(&end, i));
        CHECK(i == 0 || value_of(&end, i - 1) <= value_of(&start, i));
    }
}

#endif
