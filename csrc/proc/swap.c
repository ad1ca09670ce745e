#include "proc/swap.h"

#include <string.h>
#include <sys/sysinfo.h>

/* sysinfo() tells of the machine, also in a container that has a meminfo of its own. */
bool swap_is_used(const struct source *s)
{
    struct sysinfo info;
    if (s->is_copy || sysinfo(&info) != 0)
        return true;
    return info.totalswap != info.freeswap;
}

bool swap_is_hidden(const struct memc_snapshot *t, size_t row)
{
    static const char *const MEMORY[] = {"/memfd:", "/SYSV", "/dev/shm/", "/dev/zero"};
    if (table_u8(t, COL_PERM)[row] & PERM_SHARED)
        return true;
    struct scan name = strpool_get(&t->strings, table_u32(t, COL_PATHNAME)[row]);
    for (size_t i = 0; i < sizeof MEMORY / sizeof *MEMORY; i++) {
        size_t len = strlen(MEMORY[i]);
        if (scan_left(&name) >= len && memcmp(name.pos, MEMORY[i], len) == 0)
            return true;
    }
    return false;
}

enum memc_status swap_settle(struct memc_snapshot *t, bool known, uint64_t total_kb)
{
    const uint64_t *swap_kb = table_u64(t, COL_SWAP_KB);
    uint64_t sum_kb = 0;
    for (size_t i = 0; i < t->rows; i++)
        sum_kb += swap_kb[i];
    if (known && total_kb == sum_kb)
        return MEMC_OK;
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < t->rows; i++) {
        if (table_u64(t, COL_SWAP_KB)[i] > 0)
            st = table_unset(t, COL_SWAP_KB, i);
    }
    return st;
}
