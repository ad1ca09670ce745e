/*
 * libproc2.c - PSS of every process by the library of procps, as `top` can show it.
 *
 * A peer of `memc show --all --by process`; it needs Debian's libproc2-dev.
 */
#include <libproc2/pids.h>
#include <stdio.h>

int main(void)
{
    enum pids_item items[] = {PIDS_ID_PID, PIDS_SMAP_PSS, PIDS_CMD};
    struct pids_info *info = NULL;
    if (procps_pids_new(&info, items, 3) < 0)
        return 1;
    const struct pids_fetch *all = procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
    if (!all)
        return 1;
    for (int i = 0; i < all->counts->total; i++) {
        const struct pids_result *row = all->stacks[i]->head;
        printf("%d %lu %s\n", row[0].result.s_int, row[1].result.ul_int,
               row[2].result.str);
    }
    return procps_pids_unref(&info) < 0;
}
