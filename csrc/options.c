/*
 * options.c - the options that the native command knows: one table.
 *
 * What it does not know, and everything that is wrong, it leaves to memc-py, whose
 * table in memc/cli/collect/options.py defines the options and has the words for
 * errors.
 */
#include "options.h"

#include <limits.h>
#include <string.h>

/* Read the first digits of a text, at most ten: no limit needs more.  Returns what
 * follows them. */
static const char *take_number(const char *text, uint64_t *ret)
{
    const char *end = text;
    *ret = 0;
    while (*end >= '0' && *end <= '9' && end - text < 10)
        *ret = *ret * 10 + (uint64_t)(*end++ - '0');
    return end;
}

static bool read_pid(const char *text, int32_t *pid)
{
    uint64_t number;
    if (*take_number(text, &number) != '\0' || number > INT32_MAX)
        return false;
    *pid = (int32_t)number;
    return number > 0;
}

static bool read_jobs(const char *text, void *field)
{
    uint64_t number;
    if (*take_number(text, &number) != '\0' || number > UINT32_MAX)
        return false;
    *(uint32_t *)field = (uint32_t)number;
    return number > 0;
}

/* Read a whole number of milliseconds, or of another unit with its name: "50", "50ms",
 * "10 s". */
static bool read_time(const char *text, void *field)
{
    static const uint64_t MOST_MS = UINT64_C(366) * 86400 * 1000;
    const struct {
        const char *name;
        uint64_t ms;
    } UNITS[] = {
        {"ms", 1},      {"s", 1000},    {"m", 60000},
        {"min", 60000}, {"h", 3600000}, {"d", 86400000},
    };
    uint64_t number;
    const char *unit = take_number(text, &number);
    if (unit == text || number == 0)
        return false;
    *(uint64_t *)field = number;
    if (*unit == '\0')
        return true;
    unit += *unit == ' ';
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (strcmp(unit, UNITS[i].name) != 0)
            continue;
        *(uint64_t *)field = number * UNITS[i].ms;
        return number * UNITS[i].ms <= MOST_MS;
    }
    return false;
}

/* Take a path that an error can show as it is: memc-py knows how to show others. */
static bool is_plain_path(const char *path)
{
    size_t len = 0;
    while (path[len] >= ' ' && path[len] <= '~')
        len++;
    return path[len] == '\0' && len > 0 && len < PATH_MAX;
}

static bool read_path(const char *text, void *field)
{
    *(const char **)field = text;
    return *text != '\0';
}

static const struct option {
    const char *name;
    size_t field;                                /* its place in struct request */
    bool (*read)(const char *text, void *field); /* NULL: it is a switch */
} OPTIONS[] = {
    {"--all", offsetof(struct request, all), NULL},
    {"--smaps", offsetof(struct request, smaps), NULL},
    {"--rss", offsetof(struct request, rss), NULL},
    {"--uss", offsetof(struct request, uss), NULL},
    {"--pss", offsetof(struct request, pss), NULL},
    {"--private", offsetof(struct request, uss), NULL},
    {"--totals", offsetof(struct request, totals), NULL},
    {"--compact", offsetof(struct request, compact), NULL},
    {"--full", offsetof(struct request, full), NULL},
    {"--skip-kernel", offsetof(struct request, skip_kernel), NULL},
    {"--version", offsetof(struct request, version), NULL},
    {"-v", offsetof(struct request, version), NULL},
    {"--jobs", offsetof(struct request, jobs), read_jobs},
    {"--max-stall", offsetof(struct request, max_stall_ms), read_time},
    {"--proc", offsetof(struct request, proc), read_path},
};

static const struct option *find_option(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
        if (strncmp(OPTIONS[i].name, name, len) == 0 && OPTIONS[i].name[len] == '\0')
            return &OPTIONS[i];
    }
    return NULL;
}

/* Take an option, and its value, which stands behind "=" or is the next argument.
 * Returns the last argument that was taken, or NULL. */
static char **take_option(struct request *r, char **arg)
{
    size_t len = strcspn(*arg, "=");
    const char *value = (*arg)[len] == '=' ? *arg + len + 1 : NULL;
    const struct option *option = find_option(*arg, len);
    if (!option)
        return NULL;
    void *field = (char *)r + option->field;
    if (!option->read) {
        *(bool *)field = true;
        return value ? NULL : arg;
    }
    if (!value)
        value = *++arg;
    return value && option->read(value, field) ? arg : NULL;
}

/* Choose the detail; false for options that exclude each other. */
static bool choose_detail(struct request *r)
{
    static const struct {
        bool smaps, rss, uss, pss, totals;
        enum memc_detail detail;
    } DETAILS[] = {
        {false, false, false, false, false, MEMC_DETAIL_MAPS},
        {true, false, false, false, false, MEMC_DETAIL_SMAPS},
        {false, true, false, false, false, MEMC_DETAIL_RSS},
        {false, false, true, false, false, MEMC_DETAIL_USS},
        {false, false, false, true, false, MEMC_DETAIL_PSS},
        {false, false, false, false, true, MEMC_DETAIL_TOTALS},
        {true, false, false, false, true, MEMC_DETAIL_ROLLUP},
    };
    for (size_t i = 0; i < sizeof DETAILS / sizeof *DETAILS; i++) {
        r->detail = DETAILS[i].detail;
        if (r->smaps == DETAILS[i].smaps && r->rss == DETAILS[i].rss &&
            r->uss == DETAILS[i].uss && r->pss == DETAILS[i].pss &&
            r->totals == DETAILS[i].totals)
            return true;
    }
    return false;
}

/* Tell whether the options go together. */
static bool is_whole(const struct request *r)
{
    if (!is_plain_path(r->proc) || (r->max_stall_ms && !r->smaps))
        return false;
    if (r->all)
        return r->pid == 0;
    return r->pid > 0 && !r->skip_kernel && r->jobs == 0;
}

bool options_read(struct request *r, char **argv)
{
    for (char **arg = argv; *arg; arg++) {
        if (**arg == '-')
            arg = take_option(r, arg);
        else if (r->pid || !read_pid(*arg, &r->pid))
            return false;
        if (!arg)
            return false;
        if (r->version)
            return true;
    }
    return choose_detail(r) && is_whole(r);
}
