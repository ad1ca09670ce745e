/* clock.h - what time it is. */
#ifndef MEMC_CLOCK_H
#define MEMC_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read(clockid_t clock, uint64_t unit_ns)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * (1000000000 / unit_ns) + (uint64_t)t.tv_nsec / unit_ns;
}

/* Nanoseconds of the monotonic clock. */
static inline uint64_t clock_now_ns(void)
{
    return clock_read(CLOCK_MONOTONIC, 1);
}

/* Milliseconds of Unix time. */
static inline uint64_t clock_now_ms(void)
{
    return clock_read(CLOCK_REALTIME, 1000000);
}

#endif
