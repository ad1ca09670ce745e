#include "parse/header.h"

#include "base/swar.h"

enum { PREFIX = 96 }; /* a line up to its name: 2 * 17 + 5 + 17 + 2 * 9 + 21 */

/* ---- the definition ---------------------------------------------------- */

static const struct number START = {16, '-', "start address"};
static const struct number END = {16, ' ', "end address"};
static const struct number OFFSET = {16, ' ', "offset"};
static const struct number MAJOR = {16, ':', "device"};
static const struct number MINOR = {16, ' ', "device"};
static const struct number INODE = {10, '\0', "inode"};

static bool parse_range(struct expect *e, struct header *h)
{
    if (!expect_number(e, &START, &h->start))
        return false;
    const char *at = e->at.pos;
    if (!expect_number(e, &END, &h->end))
        return false;
    if (h->end < h->start)
        return expect_failed(e, at, "an end address not below the start");
    return true;
}

/* Read "rwxp" and a blank.  Kernels without an MMU print "S" if the memory is shared
 * with the file, and "s" if it only may be (nommu_vma_show() in
 * fs/proc/task_nommu.c). */
static bool parse_perm(struct expect *e, uint64_t *ret)
{
    static const char LETTERS[4][3] = {"r", "w", "x", "sp"};
    struct scan *s = &e->at;
    uint64_t perm = 0;
    for (unsigned i = 0; i < 4; i++) {
        char c = s->pos < s->end ? *s->pos : '\0';
        if (c == LETTERS[i][0] || (i == 3 && c == 'S'))
            perm |= (uint64_t)PERM_READ << i;
        else if (i == 3 && c == LETTERS[i][1])
            perm |= PERM_PRIVATE;
        else if (c != '-')
            return expect_failed(e, s->pos, "permissions");
        s->pos++;
    }
    if (!scan_char(s, ' '))
        return expect_failed(e, s->pos, "permissions");
    *ret = perm;
    return true;
}

static bool parse_device_number(struct expect *e, const struct number *n, uint64_t *ret)
{
    const char *at = e->at.pos;
    if (!expect_number(e, n, ret))
        return false;
    if (*ret > UINT32_MAX)
        return expect_failed(e, at, "a device number of at most 32 bits");
    return true;
}

/* Skip blanks, then take the rest of the line, blanks included. */
static bool parse_name(struct expect *e, struct scan *ret)
{
    struct scan *s = &e->at;
    if (s->pos < s->end && *s->pos != ' ')
        return expect_failed(e, s->pos, INODE.what);
    while (scan_char(s, ' '))
        ;
    *ret = *s;
    return true;
}

bool header_parse(struct expect *e, struct header *ret)
{
    return parse_range(e, ret) && parse_perm(e, &ret->perm) &&
           expect_number(e, &OFFSET, &ret->offset) &&
           parse_device_number(e, &MAJOR, &ret->dev_major) &&
           parse_device_number(e, &MINOR, &ret->dev_minor) &&
           expect_number(e, &INODE, &ret->inode) && parse_name(e, &ret->name);
}

/* ---- the fast path ----------------------------------------------------- */

/* Return the number of digits before `behind`, 8 to 16; 17 if it does not follow. */
static size_t count_digits(const char *s, char behind)
{
    size_t n = 8;
    while (n <= 16 && s[n] != behind)
        n++;
    return n;
}

/* Take 8 to 16 hex digits and the byte after them.  If there are fewer than 16, the
 * first eight and the last eight overlap. */
static bool take_address(struct scan *s, char behind, struct address *a, uint64_t *ret)
{
    uint64_t bad = 0;
    size_t n = a->digits;
    if (n == 0 || s->pos[n] != behind)
        n = count_digits(s->pos, behind);
    if (n > 16)
        return false;
    uint64_t text = swar_load(s->pos);
    if (text != a->first_text || a->digits == 0) {
        a->first = swar_hex(text, &bad);
        a->first_text = text;
    }
    text = swar_load(s->pos + n - 8);
    if (text != a->last_text || a->digits == 0) {
        a->last = swar_hex(text, &bad);
        a->last_text = text;
    }
    a->digits = bad ? 0 : n;
    *ret = a->first >> 4 * (16 - n) << 32 | a->last;
    s->pos += n + 1;
    return bad == 0;
}

static bool take_perm(struct scan *s, uint64_t *ret)
{
    const char *p = s->pos;
    unsigned perm = (p[0] == 'r' ? PERM_READ : 0) | (p[1] == 'w' ? PERM_WRITE : 0) |
                    (p[2] == 'x' ? PERM_EXECUTE : 0) | (p[3] == 's' ? PERM_SHARED : 0) |
                    (p[3] == 'p' ? PERM_PRIVATE : 0);
    bool good = (p[0] == 'r' || p[0] == '-') && (p[1] == 'w' || p[1] == '-') &&
                (p[2] == 'x' || p[2] == '-') && (perm & (PERM_SHARED | PERM_PRIVATE)) &&
                p[4] == ' ';
    s->pos += 5;
    *ret = perm;
    return good;
}

/* Take offset, device and inode.  Memory without a file always has the same bytes
 * here. */
static bool take_file(struct scan *s, struct header *h)
{
    static const char NO_FILE[] = "00000000 00:00 0";
    if (memcmp(s->pos, NO_FILE, sizeof NO_FILE - 1) == 0) {
        h->offset = h->dev_major = h->dev_minor = h->inode = 0;
        s->pos += sizeof NO_FILE - 1;
        return true;
    }
    struct address offset = {0};
    return take_address(s, ' ', &offset, &h->offset) &&
           scan_number(s, 16, UINT32_MAX, &h->dev_major) && scan_char(s, ':') &&
           scan_number(s, 16, UINT32_MAX, &h->dev_minor) && scan_char(s, ' ') &&
           scan_number(s, 10, UINT64_MAX, &h->inode);
}

/* Take blanks, the name and the newline.  Most regions have no name. */
static bool take_name(struct scan *s, struct scan *name)
{
    if (!scan_char(s, ' '))
        return false;
    while (scan_left(s) >= 8 && swar_load(s->pos) == SWAR_ALL(' '))
        s->pos += 8;
    while (scan_char(s, ' '))
        ;
    *name = (struct scan){s->pos, s->pos};
    if (scan_char(s, '\n'))
        return true;
    const char *newline = s->pos < s->end ? memchr(s->pos, '\n', scan_left(s)) : NULL;
    if (!newline)
        return false;
    name->end = newline;
    s->pos = newline + 1;
    return !memchr(name->pos, '\0', scan_left(name));
}

bool header_take(struct scan *text, struct header *h)
{
    struct scan s = *text;
    if (scan_left(&s) < PREFIX)
        return false;
    bool good = take_address(&s, '-', &h->address, &h->start) &&
                take_address(&s, ' ', &h->address, &h->end) && h->end >= h->start &&
                take_perm(&s, &h->perm) && take_file(&s, h) && take_name(&s, &h->name);
    if (good)
        *text = s;
    return good;
}
