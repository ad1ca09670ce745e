#include "base/keyvals.h"

bool keyvals_find(struct scan text, const char *key, struct scan *ret)
{
    size_t len = strlen(key);
    while (text.pos < text.end) {
        struct scan line = scan_line(&text);
        if (scan_left(&line) <= len || memcmp(line.pos, key, len) != 0)
            continue;
        line.pos += len;
        if (!scan_char(&line, ':'))
            continue;
        scan_blanks(&line);
        *ret = line;
        return true;
    }
    return false;
}

bool keyvals_number(struct scan text, const char *key, uint64_t *ret)
{
    struct scan value;
    return keyvals_find(text, key, &value) && scan_number(&value, 10, UINT64_MAX, ret);
}
