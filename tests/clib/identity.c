/*
 * identity.c - who the processes of a tree are: identity PROC
 *
 * Prints the full document of all processes, one line, for the test to judge.  Checks
 * here that both ways to read a process tell the same, that texts have a final NUL, and
 * that nothing is told that was not asked for.
 */
#include "arrow_in.h"
#include "check.h"

static void check_text(const char *text, size_t len)
{
    CHECK(!text || text[len] == '\0');
}

/* memc_collect() tells as much as memc_collect_all(), if it is asked. */
static void check_alone(const char *proc, const struct memc_process *p)
{
    struct memc_options options = {.proc = proc};
    for (int asked = 0; asked < 2; asked++) {
        struct memc_snapshot *snap;
        options.identity = asked;
        CHECK(memc_collect(p->pid, &options, &snap, NULL) == MEMC_OK);
        struct memc_info info = memc_snapshot_info(snap);
        check_text(info.name, info.name_len);
        CHECK(info.has_started == (asked && p->has_started));
        CHECK(!info.has_started || info.started == p->started);
        CHECK(asked || !info.name);
        if (info.name)
            CHECK(strcmp(info.name, p->name) == 0);
        else if (asked)
            CHECK(p->name_len == 0);
        memc_snapshot_destroy(snap);
    }
}

static void check_process(const char *proc, struct memc_process p)
{
    check_text(p.name, p.name_len);
    check_text(p.cgroup, p.cgroup_len);
    check_text(p.cmdline, p.cmdline_len);
    CHECK(!p.cmdline || strlen(p.cmdline) == p.cmdline_len);
    check_alone(proc, &p);
}

/* The note of a column says whether it was asked for. */
static void check_notes(const struct memc_system *system, bool asked)
{
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    CHECK(memc_system_arrow_stream(system, &stream, NULL) == MEMC_OK);
    CHECK(stream.get_schema(&stream, &schema) == 0);
    for (int64_t i = 0; i < schema.n_children; i++) {
        const struct ArrowSchema *s = schema.children[i];
        struct text note = arrow_note(s);
        bool cgroup = strcmp(s->name, "cgroup") == 0;
        bool cmdline = strcmp(s->name, "cmdline") == 0;
        CHECK((note.len > 0) == (!asked && (cgroup || cmdline)));
        CHECK(note.len == 0 || memcmp(note.bytes, "not read: ", 10) == 0);
    }
    schema.release(&schema);
    CHECK(drain_stream(&stream) == 0);
}

static struct memc_system *collect(const char *proc, bool more)
{
    struct memc_options options = {.proc = proc, .cgroups = more, .cmdlines = more};
    struct memc_system *system;
    CHECK(memc_collect_all(&options, &system, NULL) == MEMC_OK);
    check_notes(system, more);
    return system;
}

int main(int argc, char **argv)
{
    struct memc_json_options options = {.full = true};
    int out = STDOUT_FILENO;
    CHECK(argc == 2);
    struct memc_system *less = collect(argv[1], false);
    struct memc_system *system = collect(argv[1], true);
    CHECK(memc_system_processes(less) == memc_system_processes(system));
    for (size_t i = 0; i < memc_system_processes(system); i++) {
        struct memc_process p = memc_system_process(less, i);
        CHECK(!p.cgroup && !p.cmdline);
        check_process(argv[1], memc_system_process(system, i));
    }
    CHECK(memc_system_json(system, &options, memc_write_fd, &out, NULL) == MEMC_OK);
    memc_system_destroy(system);
    memc_system_destroy(less);
    return 0;
}
