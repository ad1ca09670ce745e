#include "parse/intern.h"

/* The kernel writes a newline in a name as \012 and escapes nothing else
 * (mangle_path() in fs/seq_file.c, called with "\n"). */
static enum memc_status intern_decoded(struct strpool *strings, struct scan s,
                                       uint32_t *ret)
{
    char *bytes;
    enum memc_status st = strpool_scratch(strings, scan_left(&s), &bytes);
    if (st < 0)
        return st;
    size_t len = 0;
    while (s.pos < s.end) {
        bool newline = scan_left(&s) >= 4 && memcmp(s.pos, "\\012", 4) == 0;
        bytes[len++] = newline ? '\n' : *s.pos;
        s.pos += newline ? 4 : 1;
    }
    return strpool_intern(strings, bytes, len, ret);
}

enum memc_status intern_name(struct strpool *strings, struct scan s, uint32_t *ret)
{
    size_t len = scan_left(&s);
    if (len && memchr(s.pos, '\\', len))
        return intern_decoded(strings, s, ret);
    return strpool_intern(strings, s.pos, len, ret);
}

enum memc_status intern_flags(struct strpool *strings, struct scan s, uint32_t *ret)
{
    char *bytes;
    enum memc_status st = strpool_scratch(strings, scan_left(&s), &bytes);
    if (st < 0)
        return st;
    size_t len = 0;
    for (scan_blanks(&s); s.pos < s.end; scan_blanks(&s)) {
        if (len)
            bytes[len++] = ' ';
        while (s.pos < s.end && *s.pos != ' ' && *s.pos != '\t')
            bytes[len++] = *s.pos++;
    }
    return strpool_intern(strings, bytes, len, ret);
}
