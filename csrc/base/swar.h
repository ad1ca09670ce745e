/*
 * swar.h - eight characters at a time, in one 64-bit word.
 *
 * The first character is the lowest byte: memc runs on little-endian machines.  Each
 * function sets bits of *bad if its characters are wrong, so a caller may read many
 * numbers and check *bad once.
 */
#ifndef MEMC_SWAR_H
#define MEMC_SWAR_H

#include <stdint.h>
#include <string.h>

#define SWAR_ALL(byte) (0x0101010101010101U * (byte))

static inline uint64_t swar_load(const char *s)
{
    uint64_t word;
    memcpy(&word, s, sizeof word);
    return word;
}

static inline uint32_t swar_load4(const char *s)
{
    uint32_t word;
    memcpy(&word, s, sizeof word);
    return word;
}

/*
 * Read a decimal number of at most eight digits with blanks before it, as "%8lu" prints
 * it.
 *
 *   ' ' is 0x20 and '0' to '9' are 0x30 to 0x39: bit 4 tells them apart.
 */
static inline uint64_t swar_decimal(uint64_t word, uint64_t *bad)
{
    uint64_t blank = ((~word >> 4) & SWAR_ALL(0x01)) * 0xff;
    uint64_t d = (word | SWAR_ALL(0x10)) ^ SWAR_ALL(0x30);
    *bad |= word & blank & SWAR_ALL(0xdf);               /* a blank is exactly 0x20 */
    *bad |= (d | (d + SWAR_ALL(0x06))) & SWAR_ALL(0xf0); /* a digit is 0 to 9 */
    *bad |= blank & (blank + 1);                         /* blanks come first */
    *bad |= blank >> 56; /* the last character is a digit */
    d = d * 10 + (d >> 8);
    uint64_t even = (d & 0x000000ff000000ffU) * 0x000f424000000064U;
    uint64_t odd = (d >> 16 & 0x000000ff000000ffU) * 0x0000271000000001U;
    return (even + odd) >> 32;
}

/*
 * Read eight lower-case hex digits.
 *
 *   '0' to '9' are 0x30 to 0x39 and 'a' to 'f' 0x61 to 0x66: bit 6 tells.
 */
static inline uint64_t swar_hex(uint64_t word, uint64_t *bad)
{
    uint64_t letter = (word >> 6 & SWAR_ALL(0x01)) * 0xff;
    uint64_t high = (letter & SWAR_ALL(0x60)) | (~letter & SWAR_ALL(0x30));
    uint64_t low = word & SWAR_ALL(0x0f);
    *bad |= (word ^ high) & SWAR_ALL(0xf0);
    *bad |= ~letter & (low + SWAR_ALL(0x06)) & SWAR_ALL(0xf0); /* 0 to 9 */
    *bad |= letter & (low + SWAR_ALL(0x09)) & SWAR_ALL(0xf0);  /* at most f */
    *bad |= letter & ~(low + SWAR_ALL(0x0f)) & SWAR_ALL(0x10); /* at least a */
    uint64_t n = low + (letter & SWAR_ALL(9));
    n = (n << 4 | n >> 8) & 0x00ff00ff00ff00ffU;
    n = (n << 8 | n >> 16) & 0x0000ffff0000ffffU;
    return (n << 16 | n >> 32) & 0xffffffffU;
}

#endif
