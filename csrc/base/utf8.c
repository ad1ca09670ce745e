#include "base/utf8.h"

static size_t long_sequence(const unsigned char *s, size_t left, bool *valid)
{
    unsigned low = 0x80;
    unsigned high = 0xbf;
    size_t len = 2;
    *valid = false;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 1;
    if (s[0] >= 0xe0)
        len = s[0] >= 0xf0 ? 4 : 3;
    if (s[0] == 0xe0)
        low = 0xa0; /* no sequence is longer than needed */
    else if (s[0] == 0xed)
        high = 0x9f; /* no surrogates */
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f; /* U+10FFFF is the last */
    for (size_t i = 1; i < len; i++) {
        if (i == left || s[i] < low || s[i] > high)
            return i;
        low = 0x80;
        high = 0xbf;
    }
    *valid = true;
    return len;
}

size_t utf8_sequence(const char *s, size_t left, bool *valid)
{
    const unsigned char *bytes = (const unsigned char *)s;
    *valid = true;
    return bytes[0] < 0x80 ? 1 : long_sequence(bytes, left, valid);
}

bool utf8_is_valid(const char *s, size_t len)
{
    bool valid = true;
    for (size_t i = 0; i < len && valid;)
        i += utf8_sequence(s + i, len - i, &valid);
    return valid;
}
