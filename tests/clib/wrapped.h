/*
 * wrapped.h - the calls that want memory, which can be made to fail.
 *
 * The linker (--wrap) sends the calls of memc's library and of the test to
 * wrapped.c; those that the C library makes for itself stay as they are.
 */
#ifndef MEMC_TEST_WRAPPED_H
#define MEMC_TEST_WRAPPED_H

#include <stdbool.h>
#include <stddef.h>

/* The n-th call from now on fails (none when n is 0), and with `on` all behind it. */
void wrapped_fail(size_t n, bool on);

/* No more fails; returns whether any did. */
bool wrapped_stop(void);

/* How many blocks and mappings are held. */
long wrapped_held(void);

#endif
