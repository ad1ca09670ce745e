#include "table/complete.h"

#include "table/classify.h"
#include "table/repair.h"

/* Fill in the sizes, and sum them as VmSize does: without [vsyscall], a page of the
 * kernel that maps lists for every process (gate_vma in
 * arch/x86/entry/vsyscall/vsyscall_64.c) and that no process has mapped. */
static enum memc_status fill_sizes(struct memc_snapshot *t)
{
    enum memc_status st = table_fill_column(t, COL_SIZE_KB);
    if (st < 0)
        return st;
    const uint64_t *start = table_u64(t, COL_START);
    const uint64_t *end = table_u64(t, COL_END);
    uint64_t *size_kb = table_u64(t, COL_SIZE_KB);
    const uint8_t *type = table_u8(t, COL_TYPE);
    for (size_t i = 0; i < t->rows; i++) {
        size_kb[i] = (end[i] - start[i]) / 1024;
        if (type[i] != TYPE_VSYSCALL)
            t->info.total_vsize_kb += size_kb[i];
    }
    t->info.has_total_vsize = true;
    return MEMC_OK;
}

/* Sum the Rss of the regions, if every region has a value. */
static void sum_rss(struct memc_snapshot *t)
{
    const struct column *c = &t->columns[COL_RSS_KB];
    if (!c->present || c->valid || t->rows == 0)
        return;
    const uint64_t *rss_kb = table_u64(t, COL_RSS_KB);
    uint64_t total_kb = 0;
    for (size_t i = 0; i < t->rows; i++) {
        if (__builtin_add_overflow(total_kb, rss_kb[i], &total_kb))
            return;
    }
    t->info.total_rss_kb = total_kb;
    t->info.has_total_rss = true;
}

enum memc_status complete_table(struct memc_snapshot *t)
{
    enum memc_status st = repair_table(t);
    if (st >= 0)
        st = classify_table(t);
    if (st >= 0)
        st = fill_sizes(t);
    if (st >= 0)
        st = table_finish(t);
    if (st < 0)
        return st;
    sum_rss(t);
    return table_status(t);
}
