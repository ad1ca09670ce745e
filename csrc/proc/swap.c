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

/* Move past "36 35 98:0 ", the front of a line of mountinfo (show_mountinfo() in
 * fs/proc_namespace.c), and tell the device. */
static bool scan_device(struct scan *line, uint64_t *major, uint64_t *minor)
{
    (void)scan_until(line, ' ');
    (void)scan_until(line, ' ');
    return scan_number(line, 10, UINT32_MAX, major) && scan_char(line, ':') &&
           scan_number(line, 10, UINT32_MAX, minor) && scan_char(line, ' ');
}

/* Return the type of the file system, which is behind "- "; empty if there is none. */
static struct scan scan_type(struct scan *line)
{
    while (scan_left(line) > 0) {
        struct scan word = scan_until(line, ' ');
        if (scan_is(&word, "-", 1))
            return scan_until(line, ' ');
    }
    return *line;
}

/* Tell whether a device without a number of its own may be a tmpfs. */
static bool may_be_tmpfs(struct swap_mounts *m, uint64_t minor)
{
    static const char *const KINDS[] = {"tmpfs", "devtmpfs"};
    struct memc_error err = {0};
    if (!m->is_read)
        m->is_whole = source_read_text(m->source, "mountinfo", &m->text, &err) >= 0 &&
                      m->text.len < sizeof m->text.bytes;
    m->is_read = true;
    struct scan s = source_scan(&m->text);
    while (scan_left(&s) > 0) {
        uint64_t device[2];
        struct scan line = scan_line(&s);
        if (!scan_device(&line, &device[0], &device[1]) || device[0] != 0 ||
            device[1] != minor)
            continue;
        struct scan kind = scan_type(&line);
        for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
            if (scan_is(&kind, KINDS[i], strlen(KINDS[i])))
                return true;
        }
        if (scan_left(&kind) > 0)
            return false;
    }
    return !m->is_whole;
}

bool swap_is_hidden(const struct memc_snapshot *t, size_t row, struct swap_mounts *m)
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
    bool is_file = scan_left(&name) > 0 && *name.pos == '/';
    if (!is_file || table_u32(t, COL_DEV_MAJOR)[row] != 0)
        return false;
    return may_be_tmpfs(m, table_u32(t, COL_DEV_MINOR)[row]);
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
