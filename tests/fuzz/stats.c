/* stats.c - stat and status that end where memory ends. */
#include "fuzz.h"
#include "proc/stats.h"

/* The number of kB behind the first "\nKEY", the plain way; -1 if there is none. */
static int64_t naive_amount(struct text t, const char *key)
{
    size_t len = strlen(key);
    for (size_t at = 1; at + len <= t.len; at++) {
        if (t.bytes[at - 1] != '\n' || memcmp(t.bytes + at, key, len) != 0)
            continue;
        at += len;
        while (at < t.len && (t.bytes[at] == ' ' || t.bytes[at] == '\t'))
            at++;
        unsigned __int128 value = 0;
        size_t begin = at;
        for (; at < t.len && t.bytes[at] >= '0' && t.bytes[at] <= '9'; at++) {
            value = value * 10 + (unsigned)(t.bytes[at] - '0');
            if (value > INT64_MAX)
                return -1;
        }
        bool ends = at == t.len || t.bytes[at] == ' ' || t.bytes[at] == '\t' ||
                    t.bytes[at] == '\n';
        return ends && at > begin ? (int64_t)value : -1;
    }
    return -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct guarded room = guarded_create(size);
    const char *bytes = guarded_copy(room, (const char *)data, size);
    struct scan text = {bytes, room.end};
    struct text plain = {(char *)(uintptr_t)bytes, size};
    struct scan name = {NULL, NULL};
    uint64_t values[MEMC_STAT_VALUES];
    if (stats_parse(text, &name, values)) {
        CHECK(name.pos > bytes && name.pos <= name.end && name.end < room.end);
        CHECK(name.pos[-1] == '(' && *name.end == ')');
        CHECK(values[MEMC_STAT_STATE] < 256);
    }
    int64_t amounts[MEMC_AMOUNTS];
    stats_amounts(text, amounts);
    CHECK(amounts[MEMC_AMOUNT_RSS] == naive_amount(plain, "VmRSS:"));
    CHECK(amounts[MEMC_AMOUNT_HUGETLB] == naive_amount(plain, "HugetlbPages:"));
    CHECK(amounts[MEMC_AMOUNT_PAGE_TABLES] == naive_amount(plain, "VmPTE:"));
    guarded_destroy(room);
    return 0;
}
