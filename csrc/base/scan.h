/*
 * scan.h - a bounded cursor over text.
 *
 * Each scan_* function reads at the cursor and moves the cursor past what it read.  On
 * failure it returns false and leaves the cursor at the error, so that the caller can
 * report the place.  Nothing here reads at or past `end`.
 */
#ifndef MEMC_SCAN_H
#define MEMC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct scan {
    const char *pos; /* next byte to read; begin <= pos <= end */
    const char *end; /* one past the last byte */
};

static inline size_t scan_left(const struct scan *s)
{
    return (size_t)(s->end - s->pos);
}

static inline bool scan_char(struct scan *s, char c)
{
    if (s->pos == s->end || *s->pos != c)
        return false;
    s->pos++;
    return true;
}

/* Skip blanks and TABs. */
static inline void scan_blanks(struct scan *s)
{
    while (s->pos < s->end && (*s->pos == ' ' || *s->pos == '\t'))
        s->pos++;
}

/* Return 0..15 for a decimal or lower-case hex digit (the kernel prints no other),
 * otherwise 16 or more. */
static inline unsigned scan_digit(char c)
{
    unsigned u = (unsigned char)c;
    if (u - '0' < 10)
        return u - '0';
    return u - 'a' < 6 ? u - 'a' + 10 : 16;
}

/* Read a number of base 10 or 16.  A number over `max` is left unread: the cursor is at
 * a digit then, which it never is when there was no number. */
static inline bool scan_number(struct scan *s, unsigned base, uint64_t max,
                               uint64_t *ret)
{
    const char *p = s->pos;
    uint64_t v = 0;
    for (; p < s->end && scan_digit(*p) < base; p++) {
        unsigned d = scan_digit(*p);
        if (v > (max - d) / base)
            return false;
        v = v * base + d;
    }
    if (p == s->pos)
        return false;
    s->pos = p;
    *ret = v;
    return true;
}

/* Return the rest of the line without its '\n', and move past the '\n' if there is
 * one. */
static inline struct scan scan_line(struct scan *s)
{
    const char *nl = s->pos < s->end ? memchr(s->pos, '\n', scan_left(s)) : NULL;
    struct scan line = {s->pos, nl ? nl : s->end};
    s->pos = nl ? nl + 1 : s->end;
    return line;
}

/* Return the text before the next `c`, and move past the `c`.  Without a `c`, return
 * all the text that is left. */
static inline struct scan scan_until(struct scan *s, char c)
{
    struct scan part = *s;
    while (s->pos < s->end && *s->pos != c)
        s->pos++;
    part.end = s->pos;
    (void)scan_char(s, c);
    return part;
}

static inline bool scan_is(const struct scan *s, const char *str, size_t len)
{
    return scan_left(s) == len && (len == 0 || memcmp(s->pos, str, len) == 0);
}

#endif
