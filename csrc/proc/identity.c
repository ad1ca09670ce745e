/*
 * identity.c - who a process is.
 *
 * comm:                       cat
 * cgroup, version 2:          0::/user.slice/user-1000.slice
 * cgroup, both versions:      4:memory:/docker/fbb1
 *                             0::/
 * cmdline:                    /usr/bin/cat NUL /etc/passwd NUL
 */
#include "proc/identity.h"

#include <stdlib.h>
#include <string.h>

#include "proc/stat.h"
#include "proc/state.h"

static size_t keep_name(char name[COMM_SIZE], struct scan text)
{
    size_t len = scan_left(&text);
    if (len >= COMM_SIZE)
        len = COMM_SIZE - 1;
    memcpy(name, text.pos, len);
    name[len] = '\0';
    return len;
}

bool identity_name(const struct source *s, char name[COMM_SIZE], size_t *len)
{
    struct source_text comm;
    name[0] = '\0';
    *len = 0;
    if (source_read_text(s, "comm", &comm, NULL) < 0)
        return false;
    struct scan text = source_scan(&comm);
    if (scan_left(&text) && text.end[-1] == '\n')
        text.end--;
    *len = keep_name(name, text);
    return true;
}

/* stat tells name and start time, and its name is that of comm.  A copy of /proc may
 * have comm alone. */
void identity_keep(const struct source *s, const struct source_text *stat,
                   struct memc_snapshot *t)
{
    struct memc_info *info = &t->info;
    struct source_text own;
    struct scan name;
    if (s->memory != s->process) {
        struct source process = *s;
        process.memory = s->process;
        (void)source_read_text(&process, "stat", &own, NULL);
        stat = &own;
    }
    if (!stat_name(stat, &name)) {
        if (identity_name(s, t->comm, &info->name_len))
            info->name = t->comm;
        return;
    }
    info->name_len = keep_name(t->comm, name);
    info->name = t->comm;
    info->has_started = stat_number(stat, STAT_STARTED, &info->started);
}

static bool find_uid(const struct source *s, uint32_t *ret)
{
    return source_uid(s, ret) || state_uid(s, ret);
}

/* Tell whether a list like "cpu,cpuacct" has the memory controller. */
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

/* Return the path of the control group, to be freed; NULL if it cannot be read. */
static char *read_cgroup(const struct source *s, size_t *len)
{
    struct source_text text;
    struct scan path;
    if (source_read_text(s, "cgroup", &text, NULL) < 0 ||
        !find_path(source_scan(&text), &path))
        return NULL;
    *len = scan_left(&path);
    char *ret = malloc(*len + 1); /* a copied file may hold a NUL: no strndup() */
    if (ret) {
        memcpy(ret, path.pos, *len);
        ret[*len] = '\0';
    }
    return ret;
}

/* Read the arguments.  exec takes 6 MiB of them at most (bprm_stack_limits() in
 * fs/exec.c).  A process may declare more of its memory to be its arguments
 * (PR_SET_MM_MAP in prctl(2)): the rest is not read. */
static bool read_arguments(const struct source *s, struct memc_buffer *ret)
{
    enum { MAX_SIZE = 6 * 1024 * 1024 };
    struct source_file file;
    struct source_text part;
    if (source_open_file(s, "cmdline", &file, NULL) < 0)
        return false;
    bool good = true;
    do {
        good =
            source_read(&file, part.bytes, sizeof part.bytes, &part.len, NULL) >= 0 &&
            memc_write_buffer(ret, part.bytes, part.len) == 0;
    } while (good && part.len > 0 && ret->len < MAX_SIZE);
    source_close_file(&file);
    if (ret->len > MAX_SIZE)
        ret->len = MAX_SIZE;
    return good;
}

/* Return the command line, to be freed, with a blank between the arguments; NULL if it
 * cannot be read. */
static char *read_cmdline(const struct source *s, size_t *len)
{
    struct memc_buffer b = {0};
    char *line = NULL;
    if (read_arguments(s, &b)) {
        while (b.len > 0 && b.bytes[b.len - 1] == '\0')
            b.len--;
        line = malloc(b.len + 1);
    }
    for (size_t i = 0; line && i < b.len; i++)
        line[i] = b.bytes[i] ? b.bytes[i] : ' ';
    if (line)
        line[b.len] = '\0';
    *len = b.len;
    memc_buffer_deinit(&b);
    return line;
}

void identity_forget(struct memc_process *p)
{
    free((char *)p->cgroup);
    free((char *)p->cmdline);
}

void identity_read(const struct source *s, const struct memc_options *options,
                   struct memc_process *p)
{
    identity_forget(p);
    p->cgroup = p->cmdline = NULL;
    p->has_uid = find_uid(s, &p->uid);
    if (options->cgroups)
        p->cgroup = read_cgroup(s, &p->cgroup_len);
    if (options->cmdlines)
        p->cmdline = read_cmdline(s, &p->cmdline_len);
}

/* Return a copy, to be freed, with the final NUL. */
static char *copy(const char *text, size_t len)
{
    char *ret = text ? malloc(len + 1) : NULL;
    if (ret)
        memcpy(ret, text, len + 1);
    return ret;
}

void identity_copy(const struct memc_options *options, struct memc_process *p,
                   const struct memc_process *from)
{
    p->has_uid = from->has_uid;
    p->uid = from->uid;
    if (options->cgroups) {
        p->cgroup = copy(from->cgroup, from->cgroup_len);
        p->cgroup_len = from->cgroup_len;
    }
    if (options->cmdlines) {
        p->cmdline = copy(from->cmdline, from->cmdline_len);
        p->cmdline_len = from->cmdline_len;
    }
}

void identity_swap(struct memc_process *a, struct memc_process *b)
{
    struct memc_process kept = *a;
    *a = *b;
    a->pid = kept.pid;
    *b = kept;
}
