#include "proc/proof.h"

#include <unistd.h>

#include "proc/stat.h"

/* Keep the fields that exec changes; false if they are hidden.  The kernel hides them
 * without the right to trace the process, also from CAP_PERFMON (do_task_stat() in
 * fs/proc/array.c).  gVisor always does. */
static bool keep_places(struct proof *p, const struct source_text *stat)
{
    struct scan code;
    struct scan data = {"", ""};
    uint64_t stack;
    p->len = 0;
    p->hidden = true;
    if (!stat_fields(stat, STAT_START_CODE, STAT_START_STACK, &code) ||
        !stat_number(stat, STAT_START_STACK, &stack))
        return true;
    (void)stat_fields(stat, STAT_START_DATA, STAT_ENV_END, &data); /* Linux 3.5 */
    size_t n_code = scan_left(&code);
    size_t n_data = scan_left(&data);
    if (n_code + n_data > sizeof p->places)
        return true;
    memcpy(p->places, code.pos, n_code);
    memcpy(p->places + n_code, data.pos, n_data);
    p->len = n_code + n_data;
    p->hidden = stack == 0;
    return !p->hidden;
}

void proof_begin(struct proof *p, const struct source *s, enum memc_detail detail,
                 struct source_text *stat)
{
    p->stat.fd = p->maps.fd = -1;
    stat->len = 0;
    if (source_open_file(s, "stat", &p->stat, NULL) < 0)
        p->stat.fd = -1;
    else if (source_reread(&p->stat, stat) != 0)
        source_close_file(&p->stat);
    /* A copy does not change, and totals are of one file. */
    if (keep_places(p, stat) || s->is_copy || detail == MEMC_DETAIL_TOTALS)
        return;
    if (source_open_file(s, "maps", &p->maps, NULL) < 0)
        p->maps.fd = -1;
}

uint64_t proof_key(const struct proof *p)
{
    static const uint64_t BASIS = 0xcbf29ce484222325; /* FNV-1a */
    static const uint64_t PRIME = 0x100000001b3;
    uint64_t hash = BASIS;
    for (size_t i = 0; i < p->len; i++)
        hash = (hash ^ (unsigned char)p->places[i]) * PRIME;
    return p->hidden ? 0 : hash | 1;
}

/* Compare the beginning of the maps that was opened first with that of the memory which
 * the process has now.  It may change a region in between: try again then. */
static bool has_same_maps(const struct proof *p)
{
    enum { TRIES = 3 };
    struct source_text then;
    struct source_text now;
    for (int i = 0; i < TRIES; i++) {
        if (source_reread(&p->maps, &then) != 0 ||
            source_read_text(p->maps.source, "maps", &now, NULL) < 0)
            return false;
        if (then.len == now.len && memcmp(then.bytes, now.bytes, now.len) == 0)
            return true;
    }
    return false;
}

bool proof_holds(const struct proof *p)
{
    struct source_text stat;
    struct proof now;
    if (p->stat.fd < 0)
        return true;
    if (source_reread(&p->stat, &stat) != 0)
        return false;
    (void)keep_places(&now, &stat);
    if (now.len != p->len || memcmp(now.places, p->places, p->len) != 0)
        return false;
    return p->maps.fd < 0 || has_same_maps(p);
}

void proof_end(struct proof *p)
{
    if (p->stat.fd >= 0)
        source_close_file(&p->stat);
    if (p->maps.fd >= 0)
        source_close_file(&p->maps);
}
