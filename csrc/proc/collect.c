/*
 * collect.c - one process: which files are read, and whether they belong together.
 */
#include "proc/collect.h"

#include <errno.h>

#include "base/clock.h"
#include "base/error.h"
#include "proc/again.h"
#include "proc/budget.h"
#include "proc/identity.h"
#include "proc/living.h"
#include "proc/pagemap.h"
#include "proc/proof.h"
#include "proc/regions.h"
#include "proc/stat.h"
#include "proc/totals.h"
#include "table/complete.h"

static enum memc_status read_table(const struct source *s, struct memc_snapshot *t,
                                   const struct memc_options *o, struct memc_error *err)
{
    enum memc_status st = regions_read(s, t, err);
    if (st >= 0)
        st = complete_table(t);
    if (st >= 0 && !t->info.has_total_rss && !o->regions_only)
        totals_read_sizes(s, t);
    return st;
}

/* Sum the regions of smaps: Linux before 4.14 and gVisor have no smaps_rollup. */
static enum memc_status read_sums(const struct source *s, struct memc_snapshot *t)
{
    struct memc_snapshot *smaps;
    struct memc_error err = {.what = "smaps"};
    enum memc_status st = table_create(&smaps);
    if (st < 0)
        return st;
    smaps->info.detail = MEMC_DETAIL_SMAPS;
    st = regions_read(s, smaps, &err);
    if (st >= 0)
        st = complete_table(smaps);
    t->info.bytes_read += smaps->info.bytes_read;
    t->info.longest_read_ns = smaps->info.longest_read_ns;
    if (smaps->notes[MEMC_NOTE_CUT])
        t->notes[MEMC_NOTE_CUT] = 1;
    if (st >= 0)
        totals_sum(t, smaps);
    else if (st == MEMC_ERR_GONE)
        t->notes[MEMC_NOTE_CUT] = 1;
    else if (st == MEMC_ERR_DENIED || st == MEMC_ERR_SYSTEM)
        totals_note_unread(t, &err);
    memc_snapshot_destroy(smaps);
    return st == MEMC_ERR_MEMORY || st == MEMC_ERR_LIMIT ? st : MEMC_OK;
}

static enum memc_status read_totals(const struct source *s, struct memc_snapshot *t,
                                    struct memc_error *err)
{
    bool missing;
    bool rollup = t->info.detail == MEMC_DETAIL_ROLLUP;
    enum memc_status st = totals_fill(s, t, rollup, &missing, err);
    if (st >= 0 && missing)
        st = read_sums(s, t);
    return st < 0 ? st : table_finish(t);
}

static bool is_totals(enum memc_detail detail)
{
    return detail == MEMC_DETAIL_TOTALS || detail == MEMC_DETAIL_ROLLUP;
}

/* Forget what is wrong if a part is missing, or is of another memory: the amounts. */
static enum memc_status forget_amounts(struct memc_snapshot *t)
{
    enum memc_detail detail = t->info.detail;
    t->info.has_total_rss = t->info.has_total_vsize = false;
    t->info.total_rss_kb = t->info.total_vsize_kb = 0;
    for (size_t i = 0; i < t->n_totals; i++)
        t->totals[i].known = false;
    if (t->rows == 0 || !pagemap_is_read(detail))
        return MEMC_OK;
    return pagemap_unset(t, detail);
}

/* Let processes with one memory be found.  Where the kernel hides the places, the sizes
 * must do. */
static void set_key(struct memc_snapshot *t, const struct proof *proof,
                    const struct source_text *stat)
{
    uint64_t parent = 0;
    (void)stat_number(stat, STAT_PARENT, &parent);
    t->parent = parent <= INT32_MAX ? (int32_t)parent : 0;
    t->memory_key = proof_key(proof);
    if (!t->memory_key && t->info.has_total_rss)
        t->memory_key = t->info.total_rss_kb << 32 ^ t->info.total_vsize_kb;
}

/* Read the files that the source has open into an empty table. */
static enum memc_status read_files(const struct source *s, struct memc_snapshot *t,
                                   const struct memc_options *o,
                                   struct memc_process *process, struct memc_error *err)
{
    struct proof proof;
    struct source_text stat;
    bool proves = o->identity || !o->regions_only; /* otherwise it is one file */
    if (proves)
        proof_begin(&proof, s, o->detail, &stat);
    if (o->identity)
        identity_keep(s, &stat, t);
    budget_choose(s, t, o);
    enum memc_status st =
        is_totals(t->info.detail) ? read_totals(s, t, err) : read_table(s, t, o, err);
    if (st >= 0 && process)
        identity_read(s, o, process);
    if (st >= 0 && proves && !proof_holds(&proof))
        t->notes[MEMC_NOTE_CUT] = 1;
    /* kcmp(2) finds no memory, which looks like one, where first threads have ended. */
    if (proves && s->memory == s->process)
        set_key(t, &proof, &stat);
    if (proves)
        proof_end(&proof);
    if (st >= 0 && t->notes[MEMC_NOTE_CUT])
        st = forget_amounts(t);
    bool told = st != MEMC_ERR_MEMORY && st != MEMC_ERR_LIMIT;
    return told ? st : error_status(err, st);
}

/* Make a snapshot of the files that the source has open. */
static enum memc_status read_once(const struct source *s, const struct memc_options *o,
                                  struct memc_process *process,
                                  struct memc_snapshot **ret, struct memc_error *err)
{
    struct memc_snapshot *t;
    uint64_t timestamp_ms = clock_now_ms();
    enum memc_status st = table_create(&t);
    if (st < 0)
        return error_status(err, st);
    t->info.pid = s->pid;
    t->info.timestamp_ms = timestamp_ms;
    st = read_files(s, t, o, process, err);
    if (st < 0) {
        memc_snapshot_destroy(t);
        return st;
    }
    *ret = t;
    return MEMC_OK;
}

static enum memc_status gone(const struct source *s, struct memc_error *err)
{
    struct memc_error error = {
        .status = MEMC_ERR_GONE,
        .hint = MEMC_HINT_ENDED,
        .sys_errno = ESRCH,
        .pid = s->pid,
        .what = "directory",
    };
    return error_fill(err, error);
}

/* Make a snapshot of the process, or of a living thread if the first one has ended. */
static enum memc_status read_living(struct source *s, const struct memc_options *o,
                                    struct memc_process *process,
                                    struct memc_snapshot **ret, struct memc_error *err)
{
    enum memc_status st = read_once(s, o, process, ret, err);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): success sets it */
    if (st < 0 || (*ret)->has_memory)
        return st;
    enum living living = living_look(s);
    if (living == LIVING_NONE)
        return st;
    if (living == LIVING_ENDING) {
        (*ret)->notes[MEMC_NOTE_CUT] = 1;
        return forget_amounts(*ret);
    }
    memc_snapshot_destroy(*ret);
    *ret = NULL;
    return living == LIVING_GONE ? gone(s, err) : read_once(s, o, process, ret, err);
}

/* Read again what was cut, and keep that if it is whole. */
static void read_again(struct source *s, const struct memc_options *o,
                       struct memc_process *process, struct memc_snapshot **ret)
{
    struct memc_snapshot *again = NULL;
    struct memc_process other = {0};
    source_use_process(s);
    if (read_living(s, o, process ? &other : NULL, &again, NULL) >= 0 && again &&
        again->has_memory && !again->notes[MEMC_NOTE_CUT]) {
        struct memc_snapshot *cut = *ret;
        *ret = again;
        again = cut;
        if (process)
            identity_swap(process, &other);
    }
    memc_snapshot_destroy(again);
    identity_forget(&other);
}

/* NOLINTNEXTLINE(readability-function-size): two of these are results */
enum memc_status collect_process(struct source *s, int32_t pid,
                                 const struct memc_options *options,
                                 struct memc_process *process,
                                 struct memc_snapshot **ret, struct memc_error *err)
{
    uint64_t began_ns = clock_now_ns();
    struct witness *witness = NULL;
    if (!s->is_copy && again_tell(pid, options, &witness, ret))
        return table_status(*ret);
    enum memc_status st = source_open_process(s, pid, err);
    if (st >= 0 && !witness && (options->keep_open || options->after))
        witness = witness_create(s);
    if (st >= 0)
        st = read_living(s, options, process, ret, err);
    if (st < 0) {
        witness_unref(witness);
        return st;
    }
    if ((*ret)->notes[MEMC_NOTE_CUT])
        read_again(s, options, process, ret);
    (*ret)->began_ns = began_ns;
    again_keep(*ret, witness);
    (*ret)->info.cost_ns = clock_now_ns() - began_ns;
    return table_status(*ret);
}

enum memc_status memc_collect(int32_t pid, const struct memc_options *options,
                              struct memc_snapshot **ret, struct memc_error *err)
{
    static const struct memc_options DEFAULTS = {0};
    static const struct memc_error NO_PID = {
        .status = MEMC_ERR_ARGUMENT,
        .what = "a pid is a positive number",
    };
    const struct memc_options *o = options ? options : &DEFAULTS;
    struct source s;
    if (pid < 1)
        return error_fill(err, NO_PID);
    if (again_tell_alone(pid, o, ret))
        return table_status(*ret);
    enum memc_status st = source_open(&s, o->proc, err);
    if (st < 0)
        return st;
    st = collect_process(&s, pid, o, NULL, ret, err);
    source_close(&s);
    if (st < 0)
        return st;
    (*ret)->notes[MEMC_NOTE_LATE] = o->late;
    return table_status(*ret);
}
