/*
 * classify.c - region types, by the name of the region and whether it is executable.
 *
 * classify_table() asks once for each name.  A name that starts with '/' is the name of
 * a file, whatever follows (a file may be called /odd/[heap]).  The kernel makes the
 * names that start with a bracket.
 */
#include "table/classify.h"

#include <stdlib.h>

static const char *const TYPE_NAMES[] = {
    [TYPE_HEAP] = "heap",
    [TYPE_STACK] = "stack",
    [TYPE_CODE] = "code",
    [TYPE_SHARED_LIB] = "shared_lib",
    [TYPE_MAPPED_FILE] = "mapped_file",
    [TYPE_ANONYMOUS] = "anonymous",
    [TYPE_VDSO] = "vdso",
    [TYPE_VVAR] = "vvar",
    [TYPE_VSYSCALL] = "vsyscall",
    [TYPE_UNKNOWN] = "unknown",
};

const char *memc_type_name(uint32_t type)
{
    return type <= TYPE_UNKNOWN ? TYPE_NAMES[type] : NULL;
}

/* The kernel gives these names to one kind of region each. */
static const struct {
    const char *name;
    enum region_type type;
} SPECIAL[] = {
    {"[heap]", TYPE_HEAP},        {"[vdso]", TYPE_VDSO},         {"[vvar]", TYPE_VVAR},
    {"[vvar_vclock]", TYPE_VVAR}, {"[vsyscall]", TYPE_VSYSCALL},
};

static bool is(const struct scan *name, const char *str)
{
    return scan_is(name, str, strlen(str));
}

static bool starts(const struct scan *name, const char *str)
{
    size_t len = strlen(str);
    return scan_left(name) >= len && memcmp(name->pos, str, len) == 0;
}

static struct scan without_deleted(struct scan name)
{
    static const char DELETED[] = " (deleted)";
    size_t len = sizeof DELETED - 1;
    if (scan_left(&name) >= len && memcmp(name.end - len, DELETED, len) == 0)
        name.end -= len;
    return name;
}

/* Tell whether the last part of a path ends in ".so", or has ".so." and a digit:
 * libc.so.6 is a library, and ld.so.cache is not. */
static bool is_shared_lib(const struct scan *path)
{
    for (const char *p = path->end - 1; *p != '/'; p--) {
        size_t left = (size_t)(path->end - p);
        if (left < 3 || memcmp(p, ".so", 3) != 0)
            continue;
        if (left == 3 || (left > 4 && p[3] == '.' && p[4] >= '0' && p[4] <= '9'))
            return true;
    }
    return false;
}

/* Tell whether the region has no file on disk (the names come from shmem_zero_setup(),
 * memfd_create(), newseg() in ipc/shm.c and hugetlb_file_setup()). */
static bool is_anonymous(const struct scan *name, const struct scan *bare)
{
    return starts(name, "[anon:") || starts(name, "[anon_shmem:") ||
           is(bare, "/dev/zero") || starts(name, "/memfd:") || starts(name, "/SYSV") ||
           is(bare, "/anon_hugepage");
}

enum region_type classify(const char *str, size_t len, bool executable)
{
    struct scan name = {str, str + len};
    struct scan bare = without_deleted(name);
    bool is_file = starts(&name, "/");
    for (size_t i = 0; i < sizeof SPECIAL / sizeof *SPECIAL; i++) {
        if (is(&name, SPECIAL[i].name))
            return SPECIAL[i].type;
    }
    if (starts(&name, "[stack")) /* [stack:TID] on Linux 3.4 to 4.4 */
        return TYPE_STACK;
    if (is_file && is_shared_lib(&bare))
        return TYPE_SHARED_LIB;
    if (executable && (is_file || len == 0 || starts(&name, "[anon")))
        return TYPE_CODE; /* executable memory without a file: a JIT compiler */
    if (len == 0 || is_anonymous(&name, &bare))
        return TYPE_ANONYMOUS;
    return is_file ? TYPE_MAPPED_FILE : TYPE_UNKNOWN;
}

/* Return two types for each string of the pool: not executable, and executable. */
static uint8_t *classify_names(const struct strpool *strings)
{
    uint8_t *types = malloc((size_t)strings->count * 2);
    for (uint32_t id = 0; types && id < strings->count; id++) {
        struct scan name = strpool_get(strings, id);
        size_t len = scan_left(&name);
        types[2 * (size_t)id] = (uint8_t)classify(name.pos, len, false);
        types[2 * (size_t)id + 1] = (uint8_t)classify(name.pos, len, true);
    }
    return types;
}

enum memc_status classify_table(struct memc_snapshot *t)
{
    enum memc_status st = table_fill_column(t, COL_TYPE);
    if (st < 0)
        return st;
    uint8_t *types = classify_names(&t->strings);
    if (!types)
        return MEMC_ERR_MEMORY;
    const uint32_t *name = table_u32(t, COL_PATHNAME);
    const uint8_t *perm = table_u8(t, COL_PERM);
    uint8_t *type = table_u8(t, COL_TYPE);
    for (size_t i = 0; i < t->rows; i++)
        type[i] = types[2 * (size_t)name[i] + (perm[i] & PERM_EXECUTE ? 1 : 0)];
    free(types);
    return MEMC_OK;
}
