#include "proc/stat.h"

bool stat_name(const struct source_text *stat, struct scan *ret)
{
    const char *open = memchr(stat->bytes, '(', stat->len);
    const char *close = memrchr(stat->bytes, ')', stat->len);
    if (!open || !close || close < open)
        return false;
    *ret = (struct scan){open + 1, close};
    return true;
}

bool stat_fields(const struct source_text *stat, int first, int last, struct scan *ret)
{
    struct scan name;
    if (!stat_name(stat, &name))
        return false;
    struct scan text = {name.end, stat->bytes + stat->len};
    (void)scan_until(&text, ' ');
    for (int field = STAT_STATE; field < first; field++)
        (void)scan_until(&text, ' ');
    struct scan part = {text.pos, text.pos};
    for (int field = first; field <= last; field++) {
        if (text.pos == text.end)
            return false;
        part.end = scan_until(&text, ' ').end;
    }
    *ret = part;
    return true;
}

bool stat_number(const struct source_text *stat, int field, uint64_t *ret)
{
    struct scan text;
    return stat_fields(stat, field, field, &text) &&
           scan_number(&text, 10, UINT64_MAX, ret);
}
