/*
 * threads.c - many threads, for the thread sanitizer: threads PROC N
 *
 * Collects the tree at PROC, of N processes, by eight jobs, and writes it by eight;
 * then eight threads read one snapshot and one system at the same time.
 */
#include <errno.h>
#include <pthread.h>

#include "arrow_in.h"
#include "check.h"

enum { THREADS = 8 };

static const struct memc_system *shared_system;
static struct memc_snapshot *shared_snapshot;

/* A full disk, after so many bytes. */
static int write_some(void *context, const char *bytes, size_t len)
{
    size_t *left = context;
    (void)bytes;
    if (*left < len)
        return ENOSPC;
    *left -= len;
    return 0;
}

/* The document is the same on any number of threads, and ends where a write fails. */
static void check_jobs(bool pretty)
{
    struct memc_json_options options = {.pretty = pretty, .full = true};
    struct memc_buffer one = {0};
    struct memc_buffer many = {0};
    struct memc_error err;
    CHECK(memc_system_json(shared_system, &options, memc_write_buffer, &one, NULL) ==
          MEMC_OK);
    options.jobs = THREADS;
    CHECK(memc_system_json(shared_system, &options, memc_write_buffer, &many, NULL) ==
          MEMC_OK);
    CHECK(many.len == one.len && memcmp(many.bytes, one.bytes, one.len) == 0);
    for (size_t part = 0; part < 4; part++) {
        size_t left = one.len * part / 4;
        CHECK(memc_system_json(shared_system, &options, write_some, &left, &err) ==
              MEMC_ERR_SYSTEM);
        CHECK(err.sys_errno == ENOSPC);
    }
    memc_buffer_deinit(&one);
    memc_buffer_deinit(&many);
}

static void *read_shared(void *ret)
{
    struct memc_buffer *b = ret;
    struct memc_json_options options = {.full = true};
    for (size_t i = 0; i < memc_snapshot_columns(shared_snapshot); i++) {
        struct memc_column c = memc_snapshot_column(shared_snapshot, i);
        for (size_t row = 0; row < memc_snapshot_rows(shared_snapshot); row++)
            CHECK(!has_value(&c, row) || value_of(&c, row) <= UINT64_MAX);
    }
    CHECK(memc_snapshot_json(shared_snapshot, &options, memc_write_buffer, b, NULL) ==
          MEMC_OK);
    CHECK(memc_system_json(shared_system, NULL, memc_write_buffer, b, NULL) == MEMC_OK);
    struct ArrowArrayStream stream;
    CHECK(memc_snapshot_arrow_stream(shared_snapshot, &stream, NULL) == MEMC_OK);
    CHECK(drain_stream(&stream) == 0);
    return NULL;
}

static void count_calls(void *context, size_t done, size_t total)
{
    size_t *calls = context;
    CHECK(done <= total);
    ++*calls;
}

static struct memc_system *collect(const char *proc, enum memc_detail detail, size_t n)
{
    size_t calls = 0;
    struct memc_options options = {
        .proc = proc,
        .detail = detail,
        .jobs = THREADS,
        .cgroups = true,
        .cmdlines = true,
        .progress = count_calls,
        .progress_context = &calls,
    };
    struct memc_system *system;
    CHECK(memc_collect_all(&options, &system, NULL) == MEMC_OK);
    CHECK(memc_system_processes(system) + memc_system_skipped(system) == n);
    CHECK(calls >= 2);
    for (size_t i = 1; i < memc_system_processes(system); i++)
        CHECK(memc_system_process(system, i - 1).pid <
              memc_system_process(system, i).pid);
    return system;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    size_t n = strtoul(argv[2], NULL, 10);
    struct memc_system *system = collect(argv[1], MEMC_DETAIL_SMAPS, n);
    memc_system_destroy(collect(argv[1], MEMC_DETAIL_RSS, n));
    memc_system_destroy(collect(argv[1], MEMC_DETAIL_ROLLUP, n));

    pthread_t threads[THREADS];
    struct memc_buffer buffers[THREADS] = {0};
    shared_system = system;
    CHECK(memc_collect(1, &(struct memc_options){.proc = argv[1]}, &shared_snapshot,
                       NULL) == MEMC_OK);
    check_jobs(false);
    check_jobs(true);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, read_shared, &buffers[i]) == 0);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(buffers[i].len == buffers[0].len);
        CHECK(memcmp(buffers[i].bytes, buffers[0].bytes, buffers[0].len) == 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        memc_buffer_deinit(&buffers[i]);
    memc_snapshot_destroy(shared_snapshot);
    memc_system_destroy(system);
    printf("%zu processes\n", n);
    return 0;
}
