#include "proc/budget.h"

#include "proc/swap.h"
#include "proc/totals.h"

/* Estimate how long smaps holds up the process at most: by the time that one read of it
 * took last time, otherwise 20 ms for each GiB.  4 ms were measured if one region has
 * all the memory, and 22 ms is the most that anybody reported. */
static uint64_t reckon_stall_ns(const struct memc_snapshot *t,
                                const struct memc_options *o)
{
    enum { NS_A_KB = 19 };
    static const double MAX_STALL_NS = 1e18; /* for a statm that makes no sense */
    double rss_kb = (double)t->info.total_rss_kb;
    double stall_ns = rss_kb * NS_A_KB;
    if (o->last_rss_kb && o->last_stall_ns)
        stall_ns = rss_kb / (double)o->last_rss_kb * (double)o->last_stall_ns;
    return stall_ns < MAX_STALL_NS ? (uint64_t)stall_ns : (uint64_t)MAX_STALL_NS;
}

/* What statm says is for the estimate alone. */
static void forget_sizes(struct memc_snapshot *t)
{
    t->info.total_vsize_kb = 0;
    t->info.has_total_vsize = false;
    t->info.has_total_rss = false;
    t->info.total_rss_kb = 0;
}

/* Tell whether smaps is as gentle as a walk over page tables: as a whole it holds up
 * the process for 2 ms at the very most, and for a fifth of this as a rule.  It looks
 * at each swapped page, too. */
static bool is_short(const struct source *s, struct memc_snapshot *t)
{
    enum { SHORT_KB = 100 * 1024 };
    uint64_t swap_kb = 0;
    if (s->is_copy || (swap_is_used(s) && !totals_read_swap(s, &swap_kb)))
        return false;
    totals_read_sizes(s, t);
    bool known = t->info.has_total_rss;
    uint64_t rss_kb = t->info.total_rss_kb;
    forget_sizes(t);
    return known && rss_kb <= SHORT_KB && swap_kb <= SHORT_KB - rss_kb;
}

void budget_choose(const struct source *s, struct memc_snapshot *t,
                   const struct memc_options *o)
{
    t->info.detail = o->detail;
    bool smaps = o->detail == MEMC_DETAIL_SMAPS;
    t->by_smaps = o->detail == MEMC_DETAIL_PSS && is_short(s, t);
    if (o->max_stall_ms == 0 || (!smaps && o->detail != MEMC_DETAIL_ROLLUP))
        return;
    totals_read_sizes(s, t);
    uint64_t stall_ns = reckon_stall_ns(t, o);
    forget_sizes(t);
    if (stall_ns / 1000000 <= o->max_stall_ms)
        return;
    t->info.detail = smaps ? MEMC_DETAIL_RSS : MEMC_DETAIL_TOTALS;
    t->notes[MEMC_NOTE_DEGRADED] = 1;
    t->stall_ms = stall_ns / 1000000;
    t->max_stall_ms = o->max_stall_ms;
}
