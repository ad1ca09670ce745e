#include "base/siphash.h"

#include <string.h>
#include <sys/auxv.h>

enum { WORD = sizeof(uint64_t), LAST_ROUNDS = 3 };

static inline uint64_t rotate_left(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

/* SipRound: figure 2.1 of the paper. */
static inline void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate_left(v[1], 13) ^ v[0];
    v[3] = rotate_left(v[3], 16) ^ v[2];
    v[0] = rotate_left(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate_left(v[1], 17) ^ v[2];
    v[3] = rotate_left(v[3], 21) ^ v[0];
    v[2] = rotate_left(v[2], 32);
}

static inline void add_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v);
    v[0] ^= word;
}

uint64_t siphash(const struct siphash_key *key, const char *bytes, size_t len)
{
    uint64_t v[4] = {
        key->half[0] ^ 0x736f6d6570736575U, /* "somepseudorandomlygeneratedbytes" */
        key->half[1] ^ 0x646f72616e646f6dU,
        key->half[0] ^ 0x6c7967656e657261U,
        key->half[1] ^ 0x7465646279746573U,
    };
    uint64_t last = (uint64_t)len << 56;
    uint64_t word = 0;
    for (; len >= WORD; bytes += WORD, len -= WORD) {
        memcpy(&word, bytes, WORD); /* x86-64 and arm64 are little-endian */
        add_word(v, word);
    }
    word = 0;
    if (len)
        memcpy(&word, bytes, len);
    add_word(v, last | word);

    v[2] ^= 0xff;
    for (int i = 0; i < LAST_ROUNDS; i++)
        mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The kernel gives each program 16 random bytes at exec (create_elf_tables() in
 * fs/binfmt_elf.c).  To look at them needs no system call and cannot fail.  The hash
 * does not tell them. */
struct siphash_key siphash_own_key(void)
{
    static const char PLACE;
    struct siphash_key key = {.half = {(uintptr_t)&PLACE}}; /* ASLR is better than 0 */
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives an address so */
    const void *random = (const void *)getauxval(AT_RANDOM);
    if (random)
        memcpy(&key, random, sizeof key);
    return key;
}
