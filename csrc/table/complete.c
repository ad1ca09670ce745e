#include "table/complete.h"

#include <string.h>

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

/* Make a column the sum of two others, or with `minus` what the first has more.  A
 * value is missing if one of the two is. */
static enum memc_status combine(struct memc_snapshot *t, size_t to, size_t first,
                                size_t second, bool minus)
{
    const struct column *a = &t->columns[first];
    const struct column *b = &t->columns[second];
    if (!a->present || !b->present)
        return MEMC_OK;
    t->columns[to].present = true;
    t->columns[to].filled = t->rows;
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < t->rows; i++) {
        uint64_t kb = a->values ? table_u64(t, first)[i] : 0;
        uint64_t other = b->values ? table_u64(t, second)[i] : 0;
        bool over = minus && kb < other;
        if (minus)
            kb -= other;
        else
            over = __builtin_add_overflow(kb, other, &kb);
        bool known = !over && has_set(a, i) && has_set(b, i);
        st = known ? table_put(t, to, i, kb) : table_unset(t, to, i);
    }
    return st;
}

/* What smaps tells of pages of hugetlb that are mapped once and of those that are
 * mapped more often.  The table of a text has only what the text says. */
static enum memc_status fill_hugetlb(struct memc_snapshot *t)
{
    if (!t->info.pid)
        return MEMC_OK;
    return combine(t, COL_HUGETLB_KB, COL_SHARED_HUGETLB_KB, COL_PRIVATE_HUGETLB_KB,
                   false);
}

/* Make the columns of smaps those of the detail `pss`. */
static enum memc_status take_pss(struct memc_snapshot *t)
{
    static const uint8_t KEPT[] = {
        COL_RSS_KB,
        COL_PSS_KB,
        COL_ANON_HUGE_PAGES_KB,
        COL_SWAP_KB,
    };
    enum memc_status st =
        combine(t, COL_USS_KB, COL_PRIVATE_CLEAN_KB, COL_PRIVATE_DIRTY_KB, false);
    if (st >= 0)
        st = combine(t, COL_FILE_KB, COL_RSS_KB, COL_ANONYMOUS_KB, true);
    for (size_t i = FIRST_SMAPS; i < t->n_columns; i++) {
        bool kept = i >= END_SMAPS || memchr(KEPT, (int)i, sizeof KEPT);
        if (!kept || i >= N_FIELDS)
            t->columns[i].present = false;
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
    if (st >= 0 && t->by_smaps && t->rows > 0)
        st = take_pss(t);
    if (st >= 0)
        st = table_finish(t);
    if (st < 0)
        return st;
    sum_rss(t);
    return table_status(t);
}
