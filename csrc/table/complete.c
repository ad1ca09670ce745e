#include "table/complete.h"

#include "table/classify.h"
#include "table/repair.h"

/* Tell whether a row of a column was set: the last rows may not be filled yet. */
static bool has_set(const struct column *c, size_t row)
{
    return row < c->filled && column_has(c, row);
}

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

/* Make hugetlb_kb the sum of what smaps tells of pages that are mapped once and of
 * pages that are mapped more often.  A value is missing if one of the two is.  The
 * table of a text has only what the text says. */
static enum memc_status fill_hugetlb(struct memc_snapshot *t)
{
    const struct column *shared = &t->columns[COL_SHARED_HUGETLB_KB];
    const struct column *own = &t->columns[COL_PRIVATE_HUGETLB_KB];
    struct column *sum = &t->columns[COL_HUGETLB_KB];
    if (!t->info.pid || !shared->present || !own->present)
        return MEMC_OK;
    sum->present = true;
    sum->filled = t->rows;
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < t->rows; i++) {
        uint64_t kb = shared->values ? table_u64(t, COL_SHARED_HUGETLB_KB)[i] : 0;
        uint64_t own_kb = own->values ? table_u64(t, COL_PRIVATE_HUGETLB_KB)[i] : 0;
        bool known = !__builtin_add_overflow(kb, own_kb, &kb) && has_set(shared, i) &&
                     has_set(own, i);
        st = known ? table_put(t, COL_HUGETLB_KB, i, kb)
                   : table_unset(t, COL_HUGETLB_KB, i);
    }
    return st;
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
        st = fill_hugetlb(t);
    if (st >= 0)
        st = table_finish(t);
    if (st < 0)
        return st;
    sum_rss(t);
    return table_status(t);
}
