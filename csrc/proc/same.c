#include "proc/same.h"

#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/again.h"

int memc_compare_memory(int32_t pid, int32_t other)
{
    long order = syscall(SYS_kcmp, pid, other, KCMP_VM, 0, 0);
    return order <= 2 ? (int)order : -1;
}

static int compare_memory(const struct system_entry *a, const struct system_entry *b)
{
    return memc_compare_memory(a->process.pid, b->process.pid);
}

static bool have_equal_columns(const struct memc_snapshot *a,
                               const struct memc_snapshot *b, size_t column)
{
    size_t size = a->rows * a->columns[column].width;
    return size == 0 ||
           memcmp(a->columns[column].values, b->columns[column].values, size) == 0;
}

/* Tell whether two snapshots tell the same regions and amounts. */
static bool are_equal(const struct memc_snapshot *a, const struct memc_snapshot *b)
{
    if (a->rows != b->rows || a->n_totals != b->n_totals ||
        a->info.total_rss_kb != b->info.total_rss_kb ||
        a->info.total_vsize_kb != b->info.total_vsize_kb)
        return false;
    for (size_t i = 0; i < a->n_totals; i++) {
        if (i != TOTAL_THREADS && (a->totals[i].known != b->totals[i].known ||
                                   a->totals[i].value != b->totals[i].value))
            return false;
    }
    return have_equal_columns(a, b, COL_START) && have_equal_columns(a, b, COL_END) &&
           have_equal_columns(a, b, COL_PERM);
}

static bool may_share(const struct system_entry *e)
{
    return e->snapshot && e->snapshot->has_memory && e->snapshot->memory_key &&
           !e->snapshot->notes[MEMC_NOTE_CUT];
}

static uint64_t key(const struct system_entry *e)
{
    return e->snapshot->memory_key;
}

static int by_key(const void *a, const void *b)
{
    const struct system_entry *x = *(struct system_entry *const *)a;
    const struct system_entry *y = *(struct system_entry *const *)b;
    if (key(x) != key(y))
        return key(x) < key(y) ? -1 : 1;
    return (x->process.pid > y->process.pid) - (x->process.pid < y->process.pid);
}

static int by_memory(const void *a, const void *b)
{
    int order = compare_memory(*(struct system_entry *const *)a,
                               *(struct system_entry *const *)b);
    if (order == 1)
        return -1;
    return order == 2 ? 1 : by_key(a, b);
}

static bool is_earlier(const struct system_entry *a, const struct system_entry *b)
{
    if (a->process.started != b->process.started)
        return a->process.started < b->process.started;
    return a->process.pid < b->process.pid;
}

/* Make an empty snapshot in place of one whose memory is that of `pid`. */
static enum memc_status share(struct system_entry *e, int32_t pid)
{
    struct memc_snapshot *t;
    struct memc_snapshot *old = e->snapshot;
    enum memc_status st = table_create(&t);
    if (st < 0)
        return st;
    t->info = old->info;
    t->info.total_rss_kb = t->info.total_vsize_kb = 0;
    t->info.has_total_rss = t->info.has_total_vsize = false;
    t->info.same_memory_as = pid;
    t->info.as_of_ms = 0;
    memcpy(t->comm, old->comm, sizeof t->comm);
    t->info.name = old->info.name ? t->comm : NULL;
    t->has_memory = true;
    t->n_totals = old->n_totals;
    st = table_finish(t);
    if (st < 0) {
        memc_snapshot_destroy(t);
        return st;
    }
    if (t->info.name)
        e->process.name = t->comm;
    e->snapshot = t;
    e->process.snapshot = t;
    memc_snapshot_destroy(old);
    return MEMC_OK;
}

/* Leave the memory of these, which is one, to the first of them. */
static enum memc_status share_all(struct system_entry **entries, size_t n)
{
    struct system_entry *first = entries[0];
    enum memc_status st = MEMC_OK;
    for (size_t i = 1; i < n; i++) {
        if (is_earlier(entries[i], first))
            first = entries[i];
    }
    again_forget(first->snapshot);
    for (size_t i = 0; i < n && st >= 0; i++) {
        if (entries[i] != first)
            st = share(entries[i], first->process.pid);
    }
    return st;
}

/* Ask the kernel about those with one key: forked processes have it too. */
static enum memc_status ask(struct system_entry **entries, size_t n)
{
    enum memc_status st = MEMC_OK;
    size_t end;
    if (n > 1)
        qsort((void *)entries, n, sizeof(struct system_entry *), by_memory);
    for (size_t i = 0; i < n && st >= 0; i = end) {
        for (end = i + 1; end < n && compare_memory(entries[i], entries[end]) == 0;)
            end++;
        if (end > i + 1)
            st = share_all(entries + i, end - i);
    }
    return st;
}

static int by_pid(const void *pid, const void *entry)
{
    int32_t x = *(const int32_t *)pid;
    int32_t y = ((const struct system_entry *)entry)->process.pid;
    return (x > y) - (x < y);
}

/* Where the kernel cannot be asked: a child with the regions and the amounts of its
 * parent has its memory.  A forked one has fewer page tables. */
static enum memc_status compare_with_parent(const struct system_entry *all, size_t n,
                                            struct system_entry *e, bool may_ask)
{
    const struct system_entry *parent =
        bsearch(&e->snapshot->parent, all, n, sizeof *parent, by_pid);
    if (!parent || parent == e || !may_share(parent) || key(parent) != key(e) ||
        (may_ask && compare_memory(parent, e) >= 0) ||
        !are_equal(parent->snapshot, e->snapshot))
        return MEMC_OK;
    again_forget(parent->snapshot);
    return share(e, parent->process.pid);
}

/* Those that were told again had a memory each before, and no thread of them ran. */
static bool all_told_again(struct system_entry **entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!entries[i]->snapshot->info.as_of_ms)
            return false;
    }
    return true;
}

/* Find the memories that several of `entries`, which have one key, have in common. */
static enum memc_status find_among(const struct system_entry *all, size_t n_all,
                                   struct system_entry **entries, size_t n,
                                   bool may_ask)
{
    enum memc_status st = MEMC_OK;
    if (all_told_again(entries, n))
        return MEMC_OK;
    if (may_ask)
        st = ask(entries, n);
    for (size_t i = 0; i < n && st >= 0; i++) {
        if (may_share(entries[i]))
            st = compare_with_parent(all, n_all, entries[i], may_ask);
    }
    return st;
}

enum memc_status same_find(const struct source *s, struct system_entry *all,
                           size_t n_all)
{
    enum memc_status st = MEMC_OK;
    bool may_ask = !s->is_copy && source_is_ours(s);
    struct system_entry **entries =
        (struct system_entry **)calloc(n_all + 1, sizeof(struct system_entry *));
    size_t n = 0;
    size_t end;
    if (!entries)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < n_all; i++) {
        if (may_share(&all[i]))
            entries[n++] = &all[i];
    }
    if (n > 1)
        qsort((void *)entries, n, sizeof(struct system_entry *), by_key);
    for (size_t i = 0; i < n && st >= 0; i = end) {
        for (end = i + 1; end < n && key(entries[end]) == key(entries[i]);)
            end++;
        if (end > i + 1)
            st = find_among(all, n_all, entries + i, end - i, may_ask);
    }
    free((void *)entries);
    return st;
}
