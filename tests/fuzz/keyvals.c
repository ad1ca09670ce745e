/* keyvals.c - "Key: value" text that ends where memory ends. */
#include "base/keyvals.h"
#include "fuzz.h"

/* The same, the plain way: the number behind the first "\nKEY:" and blanks. */
static bool naive_number(struct text t, const char *key, uint64_t *ret)
{
    size_t len = strlen(key);
    for (size_t at = 0; at + len < t.len; at++) {
        bool begins = at == 0 || t.bytes[at - 1] == '\n';
        if (!begins || memcmp(t.bytes + at, key, len) != 0 || t.bytes[at + len] != ':')
            continue;
        for (at += len + 1; at < t.len && strchr(" \t", t.bytes[at]); at++)
            if (t.bytes[at] == '\0')
                return false;
        size_t begin = at;
        unsigned __int128 value = 0;
        for (; at < t.len && t.bytes[at] >= '0' && t.bytes[at] <= '9'; at++) {
            value = value * 10 + (unsigned)(t.bytes[at] - '0');
            if (value > UINT64_MAX)
                return false;
        }
        *ret = (uint64_t)value;
        return at > begin;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const KEYS[] = {"VmRSS", "Uid", "Pss", "Private_Clean", "A"};
    struct guarded room = guarded_create(size);
    const char *bytes = guarded_copy(room, (const char *)data, size);
    struct scan text = {bytes, room.end};
    struct text plain = {(char *)(uintptr_t)bytes, size};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        struct scan value = {NULL, NULL};
        uint64_t number = 0;
        uint64_t expected = 0;
        if (keyvals_find(text, KEYS[i], &value))
            CHECK(value.pos > bytes && value.pos <= value.end && value.end <= room.end);
        bool found = keyvals_number(text, KEYS[i], &number);
        CHECK(found == naive_number(plain, KEYS[i], &expected));
        CHECK(number == expected || !found);
    }
    guarded_destroy(room);
    return 0;
}
