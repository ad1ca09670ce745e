/*
 * repeat.c - samples of a process at rest, told on one thread and taken on another.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "check.h"

enum { TAKEN = 500, LEFT = 5 };

static struct memc_repeat *repeat;
static struct memc_options options = {.keep_open = true, .max_age_ms = UINT64_MAX};
static int32_t pid;

static void wait_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Read the child, until it is at rest. */
static struct memc_snapshot *read_child(void)
{
    struct memc_snapshot *read = NULL;
    struct memc_snapshot *again = NULL;
    while (!again || !memc_snapshot_info(again).as_of_ms) {
        memc_snapshot_destroy(again);
        memc_snapshot_destroy(read);
        options.after = NULL;
        CHECK(memc_collect(pid, &options, &read, NULL) >= 0);
        wait_ms(60);
        options.after = read;
        CHECK(memc_collect(pid, &options, &again, NULL) >= 0);
    }
    memc_snapshot_destroy(again);
    return read;
}

static void *run(void *is_ended)
{
    struct memc_options o = options;
    uint64_t due_ns = clock_now_ns();
    while (!atomic_load((atomic_bool *)is_ended))
        o.late = memc_repeat_run(repeat, pid, &o, 100000, &due_ns);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    atomic_bool is_ended = false;
    uint64_t late;
    pid = fork();
    if (pid == 0) { /* without the sanitizer, of which a thread would run */
        execlp("sleep", "sleep", "600", NULL);
        _exit(1);
    }
    struct memc_snapshot *read = read_child();
    struct memc_info first = memc_snapshot_info(read);
    repeat = memc_repeat_create();
    CHECK(repeat && !memc_repeat_take(repeat, &late));
    CHECK(pthread_create(&thread, NULL, run, &is_ended) == 0);
    for (size_t i = 0; i < TAKEN;) {
        struct memc_snapshot *told = memc_repeat_take(repeat, &late);
        if (!told)
            continue;
        CHECK(memc_snapshot_info(told).as_of_ms == first.timestamp_ms);
        CHECK(memc_snapshot_rows(told) == first.rows);
        memc_snapshot_destroy(told);
        i++;
    }
    wait_ms(LEFT); /* some are told, and nobody takes them */
    atomic_store(&is_ended, true);
    memc_repeat_end(repeat);
    CHECK(pthread_join(thread, NULL) == 0);
    memc_repeat_destroy(repeat);
    memc_repeat_destroy(NULL);
    memc_snapshot_destroy(read);
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, NULL, 0) == pid);
    return 0;
}
