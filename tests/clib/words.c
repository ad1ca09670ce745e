/*
 * words.c - swar.h against the plainest reading of the same eight bytes: words N
 *
 * Random words are almost never numbers, so most are made of digits first and then
 * damaged in one place.
 */
#include "base/swar.h"
#include "check.h"

static uint64_t state = 88172645463325252U;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Blanks, then at least one digit. */
static bool naive_decimal(const unsigned char *s, uint64_t *ret)
{
    unsigned i = 0;
    while (i < 7 && s[i] == ' ')
        i++;
    for (*ret = 0; i < 8; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        *ret = *ret * 10 + (s[i] - '0');
    }
    return true;
}

static bool naive_hex(const unsigned char *s, uint64_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < 8; i++) {
        static const char DIGITS[] = "0123456789abcdef";
        const char *digit = s[i] ? strchr(DIGITS, s[i]) : NULL;
        if (!digit)
            return false;
        *ret = *ret << 4 | (uint64_t)(digit - DIGITS);
    }
    return true;
}

static void check_word(const unsigned char *s)
{
    uint64_t word = swar_load((const char *)s);
    uint64_t expected;
    uint64_t bad = 0;
    uint64_t value = swar_decimal(word, &bad);
    CHECK(naive_decimal(s, &expected) == (bad == 0));
    CHECK(bad || value == expected);
    bad = 0;
    value = swar_hex(word, &bad);
    CHECK(naive_hex(s, &expected) == (bad == 0));
    CHECK(bad || value == expected);
    bad = 1; /* what was bad before stays bad */
    (void)swar_decimal(word, &bad);
    (void)swar_hex(word, &bad);
    CHECK(bad & 1);
}

static void make_word(unsigned char *s)
{
    static const char DIGITS[] = "0123456789abcdef";
    uint64_t random = next_random();
    unsigned base = random & 1 ? 10 : 16;
    unsigned blanks = base == 10 ? random >> 1 & 7 : 0;
    for (unsigned i = 0; i < 8; i++)
        s[i] = i < blanks ? ' ' : (unsigned char)DIGITS[next_random() % base];
    if (random >> 4 & 1)
        s[random >> 5 & 7] = (unsigned char)(random >> 8);
}

/* Each byte at each place, among digits, letters and blanks. */
static void check_every_byte(void)
{
    static const char *const AROUND[] = {"12345678", "       7", "deadbeef",
                                         "   42   "};
    for (size_t i = 0; i < sizeof AROUND / sizeof *AROUND; i++) {
        for (unsigned at = 0; at < 8; at++) {
            for (unsigned c = 0; c < 256; c++) {
                unsigned char s[8];
                memcpy(s, AROUND[i], sizeof s);
                s[at] = (unsigned char)c;
                check_word(s);
            }
        }
    }
}

int main(int argc, char **argv)
{
    unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    check_every_byte();
    for (unsigned long i = 0; i < n; i++) {
        unsigned char s[8];
        make_word(s);
        check_word(s);
        uint64_t random = next_random();
        memcpy(s, &random, sizeof s);
        check_word(s);
    }
    printf("%lu words\n", 2 * n);
    return 0;
}
