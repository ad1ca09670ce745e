/*
 * since_1_0.c - what a program of memc 1.0 may have used, as 1.0 declared it.
 *
 * Each prototype of 1.0 stands beside the one of memc.h, so that the compiler refuses
 * another type, and each function is linked.  Numbers and members are compared with
 * those of 1.0.  Of the structures that a caller fills, the members of 1.0 come first,
 * in the same order: 1.0's initializers without names go on meaning the same.
 */
#include <memc/memc.h>
#include <stdio.h>

/* ---- Functions --------------------------------------------------------- */

size_t memc_error_text(const struct memc_error *err, char *text, size_t size);
const char *memc_needs_text(void);
const char *memc_type_name(uint32_t type);
struct memc_field memc_field(size_t i);
void memc_snapshot_destroy(struct memc_snapshot *snap);
struct memc_info memc_snapshot_info(const struct memc_snapshot *snap);
size_t memc_snapshot_rows(const struct memc_snapshot *snap);
size_t memc_snapshot_columns(const struct memc_snapshot *snap);
struct memc_column memc_snapshot_column(const struct memc_snapshot *snap, size_t i);
struct memc_strings memc_snapshot_strings(const struct memc_snapshot *snap);
struct memc_total memc_snapshot_total(const struct memc_snapshot *snap, size_t i);
struct memc_note memc_snapshot_note(const struct memc_snapshot *snap, size_t i);
size_t memc_snapshot_note_text(const struct memc_snapshot *snap, size_t i, char *text,
                               size_t size);
size_t memc_late_text(uint64_t count, char *text, size_t size);
enum memc_status memc_parse(const char *text, size_t len, struct memc_snapshot **ret,
                            struct memc_error *err);
enum memc_status memc_parse_with_options(const char *text, size_t len,
                                         const struct memc_parse_options *options,
                                         struct memc_snapshot **ret,
                                         struct memc_error *err);
enum memc_status memc_collect(int32_t pid, const struct memc_options *options,
                              struct memc_snapshot **ret, struct memc_error *err);
uint32_t memc_cpus(void);
enum memc_status memc_collect_all(const struct memc_options *options,
                                  struct memc_system **ret, struct memc_error *err);
void memc_system_destroy(struct memc_system *system);
uint64_t memc_system_timestamp_ms(const struct memc_system *system);
size_t memc_system_processes(const struct memc_system *system);
size_t memc_system_skipped(const struct memc_system *system);
uint64_t memc_system_late(const struct memc_system *system);
struct memc_process memc_system_process(const struct memc_system *system, size_t i);
struct memc_skipped memc_system_skip(const struct memc_system *system, size_t i);
enum memc_status memc_snapshot_arrow_stream(struct memc_snapshot *snap,
                                            struct ArrowArrayStream *ret,
                                            struct memc_error *err);
enum memc_status memc_system_arrow_stream(const struct memc_system *system,
                                          struct ArrowArrayStream *ret,
                                          struct memc_error *err);
enum memc_status memc_arrow_stream(const struct memc_arrow *from,
                                   struct ArrowArrayStream *ret,
                                   struct memc_error *err);
enum memc_status memc_snapshot_json(const struct memc_snapshot *snap,
                                    const struct memc_json_options *options,
                                    memc_write_fn write, void *context,
                                    struct memc_error *err);
enum memc_status memc_system_json(const struct memc_system *system,
                                  const struct memc_json_options *options,
                                  memc_write_fn write, void *context,
                                  struct memc_error *err);
int memc_write_fd(void *context, const char *bytes, size_t len);
int memc_write_buffer(void *context, const char *bytes, size_t len);
void memc_buffer_deinit(struct memc_buffer *buffer);

typedef void (*function)(void);
static const function FUNCTIONS[] = {
    (function)memc_error_text,
    (function)memc_needs_text,
    (function)memc_type_name,
    (function)memc_field,
    (function)memc_snapshot_destroy,
    (function)memc_snapshot_info,
    (function)memc_snapshot_rows,
    (function)memc_snapshot_columns,
    (function)memc_snapshot_column,
    (function)memc_snapshot_strings,
    (function)memc_snapshot_total,
    (function)memc_snapshot_note,
    (function)memc_snapshot_note_text,
    (function)memc_late_text,
    (function)memc_parse,
    (function)memc_parse_with_options,
    (function)memc_collect,
    (function)memc_cpus,
    (function)memc_collect_all,
    (function)memc_system_destroy,
    (function)memc_system_timestamp_ms,
    (function)memc_system_processes,
    (function)memc_system_skipped,
    (function)memc_system_late,
    (function)memc_system_process,
    (function)memc_system_skip,
    (function)memc_snapshot_arrow_stream,
    (function)memc_system_arrow_stream,
    (function)memc_arrow_stream,
    (function)memc_snapshot_json,
    (function)memc_system_json,
    (function)memc_write_fd,
    (function)memc_write_buffer,
    (function)memc_buffer_deinit,
};

/* ---- Numbers ----------------------------------------------------------- */

#define IS(name, number) _Static_assert((name) == (number), #name)
IS(MEMC_OK, 0);
IS(MEMC_NOTED, 1);
IS(MEMC_ERR_MEMORY, -1);
IS(MEMC_ERR_SYSTEM, -2);
IS(MEMC_ERR_FORMAT, -3);
IS(MEMC_ERR_LIMIT, -4);
IS(MEMC_ERR_GONE, -5);
IS(MEMC_ERR_DENIED, -6);
IS(MEMC_ERR_ARGUMENT, -7);
IS(MEMC_HINT_NONE, 0);
IS(MEMC_HINT_ROOT, 1);
IS(MEMC_HINT_UNPRIVILEGED, 2);
IS(MEMC_HINT_UNDUMPABLE, 3);
IS(MEMC_HINT_PRIVILEGED, 4);
IS(MEMC_HINT_ENDED, 5);
IS(MEMC_HINT_HIDDEN, 6);
IS(MEMC_UNIT_NUMBER, 0);
IS(MEMC_UNIT_ADDRESS, 1);
IS(MEMC_UNIT_KB, 2);
IS(MEMC_UNIT_PERM, 3);
IS(MEMC_UNIT_TYPE, 4);
IS(MEMC_UNIT_STRING, 5);
IS(MEMC_UNIT_FLAGS, 6);
IS(MEMC_DETAIL_MAPS, 0);
IS(MEMC_DETAIL_SMAPS, 1);
IS(MEMC_DETAIL_RSS, 2);
IS(MEMC_DETAIL_USS, 3);
IS(MEMC_DETAIL_TOTALS, 4);
IS(MEMC_DETAIL_ROLLUP, 5);
IS(MEMC_NOTE_TORN, 0);
IS(MEMC_NOTE_CUT, 1);
IS(MEMC_NOTE_BAD_LINE, 2);
IS(MEMC_NOTE_DENIED, 3);
IS(MEMC_NOTE_DEGRADED, 4);
IS(MEMC_NOTE_LATE, 5);
IS(MEMC_KIND_SMAPS, 0);
IS(MEMC_KIND_MAPS, 1);

/* ---- Structures -------------------------------------------------------- */

/* A member that a program reads, by its name: it has the type that it had. */
#define READ(type, member)                                                             \
    _Static_assert(__builtin_types_compatible_p(                                       \
                       __typeof__(((struct type *)NULL)->member),                      \
                       __typeof__(((struct then_##type *)NULL)->member)),              \
                   #type "." #member)

/* A member that a caller fills, by its place. */
#define FILLED(type, member)                                                           \
    READ(type, member);                                                                \
    _Static_assert(offsetof(struct type, member) ==                                    \
                       offsetof(struct then_##type, member),                           \
                   #type "." #member)

struct then_memc_error {
    enum memc_status status;
    enum memc_hint hint;
    int sys_errno;
    int32_t pid;
    uint64_t line;
    uint64_t column;
    const char *what;
};
READ(memc_error, status);
READ(memc_error, hint);
READ(memc_error, sys_errno);
READ(memc_error, pid);
READ(memc_error, line);
READ(memc_error, column);
READ(memc_error, what);

struct then_memc_column {
    const void *values;
    const uint8_t *valid;
    const char *name;
    uint32_t width;
    enum memc_unit unit;
};
READ(memc_column, values);
READ(memc_column, valid);
READ(memc_column, name);
READ(memc_column, width);
READ(memc_column, unit);

struct then_memc_strings {
    const char *bytes;
    const uint32_t *offsets;
    uint32_t count;
};
READ(memc_strings, bytes);
READ(memc_strings, offsets);
READ(memc_strings, count);

struct then_memc_field {
    const char *key;
    const char *name;
    bool kb;
};
READ(memc_field, key);
READ(memc_field, name);
READ(memc_field, kb);

struct then_memc_note {
    const char *code;
    uint64_t count;
};
READ(memc_note, code);
READ(memc_note, count);

struct then_memc_info {
    int32_t pid;
    enum memc_detail detail;
    uint64_t rows;
    uint64_t timestamp_ms;
    uint64_t cost_ns;
    uint64_t bytes_read;
    uint64_t total_vsize_kb;
    uint64_t total_rss_kb;
    bool has_total_rss;
    uint64_t longest_read_ns;
};
READ(memc_info, pid);
READ(memc_info, detail);
READ(memc_info, rows);
READ(memc_info, timestamp_ms);
READ(memc_info, cost_ns);
READ(memc_info, bytes_read);
READ(memc_info, total_vsize_kb);
READ(memc_info, total_rss_kb);
READ(memc_info, has_total_rss);
READ(memc_info, longest_read_ns);

struct then_memc_total {
    const char *name;
    uint64_t value;
    bool known;
};
READ(memc_total, name);
READ(memc_total, value);
READ(memc_total, known);

struct then_memc_parse_options {
    enum memc_kind kind;
    bool lenient;
    bool general;
};
FILLED(memc_parse_options, kind);
FILLED(memc_parse_options, lenient);
FILLED(memc_parse_options, general);

struct then_memc_options {
    const char *proc;
    enum memc_detail detail;
    uint32_t jobs;
    bool skip_kernel;
    bool cgroups;
    uint64_t late;
    uint64_t max_stall_ms;
    uint64_t last_stall_ns;
    uint64_t last_rss_kb;
    memc_progress_fn progress;
    void *progress_context;
};
FILLED(memc_options, proc);
FILLED(memc_options, detail);
FILLED(memc_options, jobs);
FILLED(memc_options, skip_kernel);
FILLED(memc_options, cgroups);
FILLED(memc_options, late);
FILLED(memc_options, max_stall_ms);
FILLED(memc_options, last_stall_ns);
FILLED(memc_options, last_rss_kb);
FILLED(memc_options, progress);
FILLED(memc_options, progress_context);

struct then_memc_process {
    int32_t pid;
    const char *name;
    size_t name_len;
    const struct memc_snapshot *snapshot;
    bool has_uid;
    uint32_t uid;
    const char *cgroup;
    size_t cgroup_len;
};
READ(memc_process, pid);
READ(memc_process, name);
READ(memc_process, name_len);
READ(memc_process, snapshot);
READ(memc_process, has_uid);
READ(memc_process, uid);
READ(memc_process, cgroup);
READ(memc_process, cgroup_len);

struct then_memc_skipped {
    int32_t pid;
    const char *name;
    size_t name_len;
    const char *reason;
    struct memc_error error;
};
READ(memc_skipped, pid);
READ(memc_skipped, name);
READ(memc_skipped, name_len);
READ(memc_skipped, reason);
READ(memc_skipped, error);

struct then_memc_arrow_column {
    const char *name;
    const char *format;
    const struct memc_strings *strings;
};
FILLED(memc_arrow_column, name);
FILLED(memc_arrow_column, format);
FILLED(memc_arrow_column, strings);

struct then_memc_arrow_values {
    const void *values;
    const uint8_t *valid;
};
FILLED(memc_arrow_values, values);
FILLED(memc_arrow_values, valid);

struct then_memc_arrow_batch {
    size_t rows;
    const struct memc_arrow_values *columns;
};
FILLED(memc_arrow_batch, rows);
FILLED(memc_arrow_batch, columns);

struct then_memc_arrow {
    const struct memc_arrow_column *columns;
    size_t n_columns;
    const struct memc_arrow_batch *batches;
    size_t n_batches;
};
FILLED(memc_arrow, columns);
FILLED(memc_arrow, n_columns);
FILLED(memc_arrow, batches);
FILLED(memc_arrow, n_batches);

struct then_memc_json_options {
    bool pretty;
    bool full;
    uint32_t jobs;
};
FILLED(memc_json_options, pretty);
FILLED(memc_json_options, full);
FILLED(memc_json_options, jobs);

struct then_memc_buffer {
    char *bytes;
    size_t len;
    size_t capacity;
};
FILLED(memc_buffer, bytes);
FILLED(memc_buffer, len);
FILLED(memc_buffer, capacity);

int main(void)
{
    size_t n = sizeof FUNCTIONS / sizeof FUNCTIONS[0];
    printf("%zu functions\n", n);
    return 0;
}
