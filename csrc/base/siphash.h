/*
 * siphash.h - SipHash-1-3, a hash with a key.
 *
 * Without the key nobody can choose strings that have the same hash.  Names of files
 * are chosen by the processes that memc reads.  From "SipHash: a fast short-input PRF"
 * (Aumasson and Bernstein, 2012), with 1 round a word and 3 rounds at the end, as the
 * hash tables of Python, Ruby and Rust have it.
 */
#ifndef MEMC_SIPHASH_H
#define MEMC_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t half[2];
};

/* Return the hash of the bytes.  `bytes` may be NULL if `len` is 0. */
uint64_t siphash(const struct siphash_key *key, const char *bytes, size_t len);

/* Return a key that nobody outside this process knows.  It is the same in each call. */
struct siphash_key siphash_own_key(void);

#endif
