/*
 * stall.c - a process with much memory in one region, which feels being read.
 *
 *   stall BYTES
 *
 * All of BYTES is resident, in pages of 4 KiB.  A thread maps and unmaps one page in
 * a loop: mmap() and munmap() need the lock that a reader of smaps holds, so how long
 * the pair took is how long the process was held up.
 *
 * Prints "ready"; then for every line on its standard input "PAIRS MEAN WORST\n", in
 * ns, of the pairs since the line before.  Ends with its input or its parent, and is
 * the first to go when memory runs out.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signal.h>
#include <time.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

static _Atomic uint64_t pairs;
static _Atomic uint64_t total_ns;
static _Atomic uint64_t worst_ns;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void *map_and_unmap(void *unused)
{
    for (;;) {
        uint64_t start = now_ns();
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED || munmap(page, 4096) != 0)
            abort();
        uint64_t took = now_ns() - start;
        pairs++;
        total_ns += took;
        if (took > worst_ns)
            worst_ns = took;
    }
    return unused;
}

/* The first to be killed, rather than what the machine is there for. */
static void step_forward(void)
{
    FILE *file = fopen("/proc/self/oom_score_adj", "w");
    if (file) {
        (void)fputs("1000", file);
        (void)fclose(file);
    }
}

int main(int argc, char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    step_forward();
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    char *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || madvise(base, size, MADV_NOHUGEPAGE) != 0 ||
        madvise(base, size, MADV_POPULATE_WRITE) != 0) {
        perror("stall: memory");
        return 1;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, map_and_unmap, NULL) != 0)
        return 1;
    (void)puts("ready");
    (void)fflush(stdout);
    for (int c = getchar(); c != EOF; c = getchar()) {
        if (c != '\n')
            continue;
        uint64_t n = atomic_exchange(&pairs, 0);
        uint64_t total = atomic_exchange(&total_ns, 0);
        uint64_t worst = atomic_exchange(&worst_ns, 0);
        (void)printf("%ju %ju %ju\n", (uintmax_t)n, (uintmax_t)(total / (n ? n : 1)),
                     (uintmax_t)worst);
        (void)fflush(stdout);
    }
    return 0;
}
