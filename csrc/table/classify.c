/*
 * classify.c - region types: an ordered table of rules, the first match counts.
 *
 * Only the name and the x permission decide, so a table asks once for each of
 * its names.  A name that starts with '/' is a file's; brackets at its start
 * are the kernel's own (a file called /odd/[heap] is a file).
 */
#include "table/classify.h"

#include <stdlib.h>
#include <string.h>

struct name {
    const char *bytes;
    size_t len;  /* as printed */
    size_t bare; /* without " (deleted)" at its end */
    bool executable;
};

static bool is(const struct name *n, const char *str)
{
    return n->len == strlen(str) && memcmp(n->bytes, str, n->len) == 0;
}

static bool bare_is(const struct name *n, const char *str)
{
    return n->bare == strlen(str) && memcmp(n->bytes, str, n->bare) == 0;
}

static bool starts(const struct name *n, const char *str)
{
    return n->len >= strlen(str) && memcmp(n->bytes, str, strlen(str)) == 0;
}

static bool is_file(const struct name *n)
{
    return starts(n, "/");
}

static bool is_nameless(const struct name *n)
{
    return n->len == 0;
}

static bool is_heap(const struct name *n)
{
    return is(n, "[heap]");
}

static bool is_stack(const struct name *n)
{
    return starts(n, "[stack"); /* [stack:TID] on Linux 3.4 to 4.4 */
}

static bool is_vdso(const struct name *n)
{
    return is(n, "[vdso]");
}

static bool is_vvar(const struct name *n)
{
    return is(n, "[vvar]") || is(n, "[vvar_vclock]");
}

static bool is_vsyscall(const struct name *n)
{
    return is(n, "[vsyscall]");
}

/* The last component ends in ".so" or holds ".so." and a digit; ld.so.cache
 * does neither. */
static bool is_shared_lib(const struct name *n)
{
    if (!is_file(n))
        return false;
    const char *end = n->bytes + n->bare;
    for (const char *p = end - 1; *p != '/'; p--) {
        if (end - p < 3 || memcmp(p, ".so", 3) != 0)
            continue;
        if (end - p == 3 || (end - p > 4 && p[3] == '.' && p[4] >= '0' && p[4] <= '9'))
            return true;
    }
    return false;
}

/* Nameless or named anonymous memory that is executable is a JIT's. */
static bool is_code(const struct name *n)
{
    return n->executable && (is_file(n) || is_nameless(n) || starts(n, "[anon"));
}

/* Nothing on disk behind it (the names: shmem_zero_setup(), memfd_create(),
 * newseg() in ipc/shm.c, hugetlb_file_setup()). */
static bool is_anonymous(const struct name *n)
{
    return is_nameless(n) || starts(n, "[anon:") || starts(n, "[anon_shmem:") ||
           bare_is(n, "/dev/zero") || starts(n, "/memfd:") || starts(n, "/SYSV") ||
           bare_is(n, "/anon_hugepage");
}

static bool is_anything(const struct name *n)
{
    (void)n;
    return true;
}

static const struct rule {
    bool (*test)(const struct name *n);
    enum region_type type;
} RULES[] = {
    {is_heap, TYPE_HEAP},         {is_stack, TYPE_STACK},
    {is_vdso, TYPE_VDSO},         {is_vvar, TYPE_VVAR},
    {is_vsyscall, TYPE_VSYSCALL}, {is_shared_lib, TYPE_SHARED_LIB},
    {is_code, TYPE_CODE},         {is_anonymous, TYPE_ANONYMOUS},
    {is_file, TYPE_MAPPED_FILE},  {is_anything, TYPE_UNKNOWN},
};

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

static size_t without_deleted(const char *bytes, size_t len)
{
    static const char DELETED[] = " (deleted)";
    size_t tail = sizeof DELETED - 1;
    bool deleted = len >= tail && memcmp(bytes + len - tail, DELETED, tail) == 0;
    return deleted ? len - tail : len;
}

enum region_type classify(const char *name, size_t len, bool executable)
{
    struct name n = {name, len, without_deleted(name, len), executable};
    const struct rule *rule = RULES;
    while (!rule->test(&n))
        rule++;
    return rule->type;
}

/* For each string of the pool: its type when not executable, and when it is. */
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
