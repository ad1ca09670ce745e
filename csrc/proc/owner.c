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
    struct scan value = {status.bytes, status.bytes + status.len};
    uint64_t uid;
    if (!keyvals_find(value, "Uid", &value) ||
        !scan_number(&value, 10, UINT32_MAX, &uid))
        return false;
    scan_blanks(&value);
    if (!scan_number(&value, 10, UINT32_MAX, &uid))
        return false;
    *ret = (uint32_t)uid;
    return true;
}

/* What is before the next colon, which is passed; all that is left if there is none. */
static struct scan scan_part(struct scan *line)
{
    struct scan part = *line;
    while (line->pos < line->end && *line->pos != ':')
        line->pos++;
    part.end = line->pos;
    scan_char(line, ':');
    return part;
}

/* Whether a list like "cpu,cpuacct" has the memory controller. */
static bool has_memory(struct scan controllers)
{
    static const char MEMORY[] = "memory";
    for (struct scan s = controllers; s.pos < s.end;) {
        struct scan one = s;
        while (s.pos < s.end && *s.pos != ',')
            s.pos++;
        one.end = s.pos;
        if (scan_is(&one, MEMORY, sizeof MEMORY - 1))
            return true;
        scan_char(&s, ',');
    }
    return false;
}

static bool find_path(struct scan text, struct scan *ret)
{
    bool found = false;
    while (text.pos < text.end) {
        struct scan line = scan_line(&text);
        struct scan number = scan_part(&line);
        struct scan controllers = scan_part(&line);
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
        !find_path((struct scan){text.bytes, text.bytes + text.len}, &path))
        return NULL;
    *len = scan_left(&path);
    return strndup(path.pos, *len);
}
