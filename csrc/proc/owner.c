/*
 * owner.c - whose a process is.
 *
 * status of a copied /proc:   Uid:    1000    1000    1000    1000
 *                                     real    effective, saved, of files
 * cgroup, version 2:          0::/user.slice/user-1000.slice
 * cgroup, both versions:      4:memory:/docker/fbb1
 *                             0::/
 */
#include "proc/owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/keyvals.h"

bool owner_uid(const struct source *s, uint32_t *ret)
{
    if (source_uid(s, ret))
        return true;
    struct source_text status;
    if (source_read_text(s, "status", &status, NULL) < 0)
        return false;
    struct scan value;
    uint64_t uid;
    if (!keyvals_find(source_scan(&status), "Uid", &value) ||
        !scan_number(&value, 10, UINT32_MAX, &uid))
        return false;
    scan_blanks(&value);
    if (!scan_number(&value, 10, UINT32_MAX, &uid))
        return false;
    *ret = (uint32_t)uid;
    return true;
}

/* Whether a list like "cpu,cpuacct" has the memory controller. */
static bool has_memory(struct scan controllers)
{
    static const char MEMORY[] = "memory";
    while (controllers.pos < controllers.end) {
        struct scan one = scan_until(&controllers, ',');
        if (scan_is(&one, MEMORY, sizeof MEMORY - 1))
            return true;
    }
    return false;
}

static bool find_path(struct scan text, struct scan *ret)
{
    bool found = false;
    while (text.pos < text.end) {
        struct scan line = scan_line(&text);
        struct scan number = scan_until(&line, ':');
        struct scan controllers = scan_until(&line, ':');
        bool memory = has_memory(controllers);
        if (!memory && !(scan_is(&number, "0", 1) && scan_left(&controllers) == 0))
            continue;
        *ret = line;
        found = true;
        if (memory)
            return true;
    }
    return found;
}

char *owner_cgroup(const struct source *s, size_t *len)
{
    struct source_text text;
    struct scan path;
    if (source_read_text(s, "cgroup", &text, NULL) < 0 ||
        !find_path(source_scan(&text), &path))
        return NULL;
    *len = scan_left(&path);
    return strndup(path.pos, *len);
}
