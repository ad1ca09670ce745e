/*
 * repair.c - a torn list of regions is put in order, as the plainest reading of
 * the rule does it.
 *
 * Every two bytes of the input are a region: where it starts, and how long it is.
 */
#include "fuzz.h"

enum { MAX_REGIONS = 64, LINE_SIZE = 128 };

struct range {
    uint64_t start;
    uint64_t end;
};

struct list {
    struct range at[2 * MAX_REGIONS];
    size_t n;
};

static void list_remove(struct list *l, size_t i)
{
    memmove(&l->at[i], &l->at[i + 1], (l->n - i - 1) * sizeof *l->at);
    l->n--;
}

/* "A later line is newer than what it overlaps: older regions that start at or after
 * its start and below its end go, the one that straddles its start is cut." */
static void list_add(struct list *l, struct range new)
{
    for (size_t i = 0; i < l->n;) {
        struct range *old = &l->at[i];
        if (old->start >= new.start && old->start < new.end) {
            list_remove(l, i);
            continue;
        }
        if (old->start < new.start && old->end > new.start)
            old->end = new.start;
        i++;
    }
    size_t at = 0;
    while (at < l->n && l->at[at].start < new.start)
        at++;
    memmove(&l->at[at + 1], &l->at[at], (l->n - at) * sizeof *l->at);
    l->at[at] = new;
    l->n++;
}

static void check_repaired(const struct memc_snapshot *snap, const struct list *l)
{
    struct memc_column start = memc_snapshot_column(snap, 0);
    struct memc_column end = memc_snapshot_column(snap, 1);
    check_in_order(snap);
    CHECK(memc_snapshot_rows(snap) == l->n);
    for (size_t i = 0; i < l->n; i++) {
        CHECK(value_of(&start, i) == l->at[i].start);
        CHECK(value_of(&end, i) == l->at[i].end);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct list expected;
    static char text[MAX_REGIONS * LINE_SIZE];
    size_t n = size / 2 < MAX_REGIONS ? size / 2 : MAX_REGIONS;
    bool in_order = true;
    struct input in = {.text = text};
    expected.n = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t start = (uint64_t)data[2 * i] << 12;
        struct range r = {start, start + ((uint64_t)(data[2 * i + 1] & 0x1f) << 12)};
        in_order &= expected.n == 0 || (r.start >= expected.at[expected.n - 1].end &&
                                        r.start > expected.at[expected.n - 1].start);
        list_add(&expected, r);
        in.len += (size_t)snprintf(text + in.len, LINE_SIZE,
                                   "%08lx-%08lx rw-p 00000000 00:00 0 \nRss: %zu kB\n",
                                   (unsigned long)r.start, (unsigned long)r.end, i);
    }
    struct outcome o = parse(&in, &in.options);
    check_repaired(o.snap, &expected);
    CHECK((o.status == MEMC_NOTED) == !in_order);
    memc_snapshot_destroy(o.snap);
    return 0;
}
