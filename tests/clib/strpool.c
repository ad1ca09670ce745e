/* strpool.c - names that were chosen to collide are spread like all others. */
#include "base/strpool.h"

#include <stdio.h>

#include "check.h"

enum { BITS = 14, NAMES = 1 << BITS, PART = 16, LONGEST_RUN = 256 };

/* What CPython, whose strings have SipHash-1-3, tells with PYTHONHASHSEED=0: a key of
 * zeros. */
static void check_hashes(void)
{
    static const struct {
        const char *text;
        uint64_t hash;
    } KNOWN[] = {
        {"a", 0x407448d2b89b1813U},
        {"/usr/lib", 0x344a120164cc1b5aU},
        {"/usr/lib/x86_64-linux-gnu/libc.so.6", 0x20a959eb586c6601U},
    };
    struct siphash_key zeros = {{0}};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        CHECK(siphash(&zeros, KNOWN[i].text, strlen(KNOWN[i].text)) == KNOWN[i].hash);
}

/* Two parts that had one hash in memc 1.0.0, whatever its seed was: what differs in the
 * first word is undone by the second.  Each part doubles the number of such names. */
static void make_name(char name[PART * BITS], unsigned number)
{
    memset(name, 'A', PART * BITS);
    for (unsigned bit = 0; bit < BITS; bit++) {
        char *part = name + PART * bit;
        if (!(number >> bit & 1))
            continue;
        part[7] ^= (char)0x80;
        part[15] ^= (char)0x80;
        part[12] ^= 0x04;
    }
}

static size_t longest_run(const struct strpool *pool)
{
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < pool->slot_cap; i++) {
        run = pool->slots[i] ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

int main(void)
{
    struct strpool pool;
    char name[PART * BITS];
    uint32_t id;
    check_hashes();
    CHECK(strpool_init(&pool) == MEMC_OK);
    for (unsigned i = 0; i < NAMES; i++) {
        make_name(name, i);
        CHECK(strpool_intern(&pool, name, sizeof name, &id) == MEMC_OK);
        CHECK(id == i + 1); /* string 0 is "" */
    }
    CHECK(longest_run(&pool) < LONGEST_RUN);
    strpool_deinit(&pool);
    return 0;
}
