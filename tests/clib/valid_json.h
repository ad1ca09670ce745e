/*
 * valid_json.h - whether bytes are one JSON document in valid UTF-8 (RFC 8259),
 * with no key twice in an object.
 *
 * It shares nothing with csrc/json/, which it judges.
 */
#ifndef MEMC_TEST_VALID_JSON_H
#define MEMC_TEST_VALID_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { JSON_DEPTH = 16, JSON_KEYS = 160 };

struct json_text {
    const unsigned char *at;
    const unsigned char *end;
    unsigned depth;
};

static inline bool json_value(struct json_text *t);

static inline bool json_take(struct json_text *t, char c)
{
    if (t->at == t->end || *t->at != (unsigned char)c)
        return false;
    t->at++;
    return true;
}

static inline void json_blanks(struct json_text *t)
{
    while (json_take(t, ' ') || json_take(t, '\n'))
        ;
}

/* One code point, decoded and checked by its value. */
static inline bool json_code_point(struct json_text *t, uint32_t *ret)
{
    static const struct {
        unsigned mask, lead, more;
        uint32_t least;
    } FORMS[] = {{0x80, 0, 0, 0},
                 {0xe0, 0xc0, 1, 0x80},
                 {0xf0, 0xe0, 2, 0x800},
                 {0xf8, 0xf0, 3, 0x10000}};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        if ((*t->at & FORMS[i].mask) != FORMS[i].lead)
            continue;
        uint32_t point = *t->at++ & ~FORMS[i].mask;
        for (unsigned k = 0; k < FORMS[i].more; k++, t->at++) {
            if (t->at == t->end || (*t->at & 0xc0) != 0x80)
                return false;
            point = point << 6 | (*t->at & 0x3f);
        }
        *ret = point;
        return point >= FORMS[i].least && point <= 0x10ffff &&
               (point < 0xd800 || point > 0xdfff);
    }
    return false;
}

static inline bool is_valid_utf8(const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    struct json_text t = {s, s + len, 0};
    uint32_t point;
    while (t.at < t.end) {
        if (!json_code_point(&t, &point))
            return false;
    }
    return true;
}

static inline bool json_escape(struct json_text *t)
{
    if (t->at == t->end)
        return false;
    unsigned char c = *t->at++;
    if (c != 'u')
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    for (int i = 0; i < 4; i++, t->at++) {
        if (t->at == t->end || *t->at == '\0' || !strchr("0123456789abcdef", *t->at))
            return false;
    }
    return true;
}

static inline bool json_quoted(struct json_text *t)
{
    if (!json_take(t, '"'))
        return false;
    while (t->at < t->end && *t->at != '"') {
        uint32_t point = ' ';
        if (json_take(t, '\\') ? !json_escape(t) : !json_code_point(t, &point))
            return false;
        if (point < ' ')
            return false;
    }
    return json_take(t, '"');
}

static inline bool json_whole_number(struct json_text *t)
{
    const unsigned char *begin = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
        t->at++;
    return t->at > begin && (*begin != '0' || t->at == begin + 1);
}

static inline bool json_word(struct json_text *t, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(t->end - t->at) < len || memcmp(t->at, word, len) != 0)
        return false;
    t->at += len;
    return true;
}

/* The keys of one object, as they stand in the text, quotes and all. */
struct json_keys {
    const unsigned char *at[JSON_KEYS];
    size_t len[JSON_KEYS];
    size_t n;
};

static inline bool json_new_key(struct json_text *t, struct json_keys *keys)
{
    const unsigned char *begin = t->at;
    if (keys->n == JSON_KEYS || !json_quoted(t))
        return false;
    size_t len = (size_t)(t->at - begin);
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->len[i] == len && memcmp(keys->at[i], begin, len) == 0)
            return false;
    }
    keys->at[keys->n] = begin;
    keys->len[keys->n++] = len;
    return true;
}

static inline bool json_list(struct json_text *t)
{
    json_blanks(t);
    if (json_take(t, ']'))
        return true;
    do {
        json_blanks(t);
        if (!json_value(t))
            return false;
        json_blanks(t);
    } while (json_take(t, ','));
    return json_take(t, ']');
}

static inline bool json_object(struct json_text *t)
{
    struct json_keys keys = {.n = 0};
    json_blanks(t);
    if (json_take(t, '}'))
        return true;
    do {
        json_blanks(t);
        if (!json_new_key(t, &keys) || !json_take(t, ':'))
            return false;
        json_blanks(t);
        if (!json_value(t))
            return false;
        json_blanks(t);
    } while (json_take(t, ','));
    return json_take(t, '}');
}

static inline bool json_value(struct json_text *t)
{
    if (t->at == t->end || t->depth == JSON_DEPTH)
        return false;
    t->depth++;
    bool good = false;
    if (json_take(t, '{'))
        good = json_object(t);
    else if (json_take(t, '['))
        good = json_list(t);
    else if (*t->at == '"')
        good = json_quoted(t);
    else
        good = json_word(t, "null") || json_whole_number(t);
    t->depth--;
    return good;
}

static inline bool is_valid_json(const char *bytes, size_t len)
{
    struct json_text t = {(const unsigned char *)bytes,
                          (const unsigned char *)bytes + len, 0};
    return json_value(&t) && t.at == t.end;
}

#endif
