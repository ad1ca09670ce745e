#include "table/fields.h"

#include <string.h>

const struct field FIELDS[N_FIELDS] = {
#define X(id, key, name, width, unit)                                                  \
    [COL_##id] = {key, name, sizeof(key) - 1, width, MEMC_UNIT_##unit},
    MEMC_FIELDS(X)
#undef X
};

static bool has_key(size_t i, const char *key, size_t len)
{
    return FIELDS[i].key_len == len && memcmp(FIELDS[i].key, key, len) == 0;
}

size_t field_find(size_t guess, const char *key, size_t len)
{
    if (guess < END_SMAPS && has_key(guess, key, len))
        return guess;
    for (size_t i = COL_SIZE_KB; i < END_SMAPS; i++) {
        if (has_key(i, key, len))
            return i;
    }
    return N_FIELDS;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Tell whether a name has another meaning already: "name" is the text that Android
 * prints; pathname_hex and region_* are columns of Arrow streams. */
static bool is_reserved(const char *name)
{
    static const char FRONT[] = "region_";
    return strcmp(name, "name") == 0 || strcmp(name, "pathname_hex") == 0 ||
           strncmp(name, FRONT, sizeof FRONT - 1) == 0;
}

bool field_unknown_name(const char *key, size_t len, bool kb, char *ret, size_t size)
{
    char *p = ret;
    if (2 * len + sizeof "_kb" > size)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_upper(key[i]) && !is_lower_or_digit(key[i]) && key[i] != '_')
            return false;
        if (i > 0 && is_upper(key[i]) && is_lower_or_digit(key[i - 1]))
            *p++ = '_';
        *p++ = is_upper(key[i]) ? (char)(key[i] | 0x20) : key[i];
    }
    memcpy(p, kb ? "_kb" : "", kb ? sizeof "_kb" : 1);
    return !is_reserved(ret);
}

struct memc_field memc_field(size_t i)
{
    if (i >= END_SMAPS - FIRST_SMAPS)
        return (struct memc_field){NULL, NULL, false};
    const struct field *f = &FIELDS[FIRST_SMAPS + i];
    return (struct memc_field){f->key, f->name, f->unit == MEMC_UNIT_KB};
}
