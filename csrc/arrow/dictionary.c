/* dictionary.c - strings for a column of an Arrow stream. */
#include "arrow/dictionary.h"

#include <string.h>

#include "base/utf8.h"
#include "table/table.h"

static enum memc_status add_replaced(struct strpool *pool, const char *str, size_t len,
                                     uint32_t *ret)
{
    char *text;
    size_t n = 0;
    if (len > UINT32_MAX / 3)
        return MEMC_ERR_LIMIT;
    enum memc_status st = strpool_scratch(pool, 3 * len, &text);
    if (st < 0)
        return st;
    for (size_t i = 0; i < len;) {
        bool valid;
        size_t step = utf8_sequence(str + i, len - i, &valid);
        const char *shown = valid ? str + i : UTF8_REPLACEMENT;
        size_t size = valid ? step : sizeof UTF8_REPLACEMENT - 1;
        memcpy(text + n, shown, size);
        n += size;
        i += step;
    }
    return strpool_intern(pool, text, n, ret);
}

enum memc_status dictionary_add_text(struct strpool *pool, const char *str, size_t len,
                                     uint32_t *ret)
{
    if (utf8_is_valid(str, len))
        return strpool_intern(pool, str, len, ret);
    return add_replaced(pool, str, len, ret);
}

enum memc_status dictionary_add_hex(struct strpool *pool, const char *str, size_t len,
                                    uint32_t *ret)
{
    static const char DIGITS[] = "0123456789abcdef";
    char *text;
    if (utf8_is_valid(str, len))
        len = 0;
    if (len > UINT32_MAX / 2)
        return MEMC_ERR_LIMIT;
    enum memc_status st = strpool_scratch(pool, 2 * len, &text);
    if (st < 0)
        return st;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)str[i];
        text[2 * i] = DIGITS[c >> 4];
        text[2 * i + 1] = DIGITS[c & 15];
    }
    return strpool_intern(pool, text, 2 * len, ret);
}

enum memc_status dictionary_add_perms(struct strpool *pool)
{
    enum memc_status st = MEMC_OK;
    uint32_t id;
    for (unsigned bits = 0; st >= 0 && bits < (PERM_PRIVATE | PERM_SHARED); bits++) {
        char perm[4];
        perm_letters(bits, perm);
        st = strpool_intern(pool, perm, sizeof perm, &id);
    }
    return st;
}

enum memc_status dictionary_add_types(struct strpool *pool)
{
    enum memc_status st = MEMC_OK;
    uint32_t id;
    const char *name = memc_type_name(0);
    for (uint32_t i = 1; st >= 0 && name; name = memc_type_name(i++))
        st = strpool_intern(pool, name, strlen(name), &id);
    return st;
}
