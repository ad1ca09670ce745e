/*
 * memc_api.h - everything a caller may use, declared once.
 *
 * Two readers use this file: the C compiler (through memc.h) and cffi, which takes it
 * as the cdef.  So it holds plain declarations and comments only: no #if, no #include,
 * no attributes, no macros with arguments.
 *
 * Units:     names say them: _kb is 1024 bytes, as the kernel prints; addresses
 *            and offsets are bytes; times are _ms or _ns.
 * Ownership: a snapshot owns every array and string that it returns, and a system
 *            owns its snapshots; all of these are valid until its _destroy().
 *            Texts that a function returns as const char * are static.
 * Threads:   there is no global state.  A snapshot or a system never changes after
 *            it was made, so any number of threads may read it.
 * Errors:    status < 0: the call failed, there is no output, and *err (which may
 *            be NULL) says why.  status > 0: there is output, and its notes say
 *            what it lacks.  status == 0: the output is complete.
 */

enum memc_status {
    MEMC_OK = 0,
    MEMC_NOTED = 1,         /* output with notes: see the snapshot */
    MEMC_ERR_MEMORY = -1,   /* out of memory */
    MEMC_ERR_SYSTEM = -2,   /* a system call failed: see sys_errno */
    MEMC_ERR_FORMAT = -3,   /* the text is not maps or smaps: see line, column */
    MEMC_ERR_LIMIT = -4,    /* more than 4 GiB of names, or 2^32 regions */
    MEMC_ERR_GONE = -5,     /* there is no such process, or it has ended */
    MEMC_ERR_DENIED = -6,   /* the kernel refused: see sys_errno */
    MEMC_ERR_ARGUMENT = -7, /* the caller asked for something impossible: see what */
};

/* The reason for a failure, from which the words follow that help. */
enum memc_hint {
    MEMC_HINT_NONE = 0,
    MEMC_HINT_ROOT = 1,         /* the /proc itself could not be opened */
    MEMC_HINT_UNPRIVILEGED = 2, /* another user's process, and no capability */
    MEMC_HINT_UNDUMPABLE = 3,   /* the same user's, but not dumpable */
    MEMC_HINT_PRIVILEGED = 4,   /* refused although there is a capability */
    MEMC_HINT_ENDED = 5,        /* it existed, and ended while it was read */
    MEMC_HINT_HIDDEN = 6,       /* it exists, and hidepid hides it */
};

/* Why a call failed.  It is filled on failure only; nothing in it needs freeing. */
struct memc_error {
    enum memc_status status;
    enum memc_hint hint;
    int sys_errno;    /* errno, when a system call failed; otherwise 0 */
    int32_t pid;      /* whose file it was; 0 when none */
    uint64_t line;    /* place in the text, both from 1, when status is */
    uint64_t column;  /*   MEMC_ERR_FORMAT; otherwise 0; column counts bytes */
    const char *what; /* what was expected, or the file that failed; static or
                         the caller's own */
};

/*
 * Write the error as one line of text without a newline: who, what, and what would
 * help.  Writes at most `size` bytes with the final NUL, and returns the length of the
 * whole text, as snprintf() does.
 */
size_t memc_error_text(const struct memc_error *err, char *text, size_t size);

/* Return what this process needs to read those of others: "needs CAP_...". */
const char *memc_needs_text(void);

/* ---- Columns ----------------------------------------------------------- */

enum memc_unit {
    MEMC_UNIT_NUMBER = 0,  /* a count, an id, an inode */
    MEMC_UNIT_ADDRESS = 1, /* bytes */
    MEMC_UNIT_KB = 2,      /* 1024 bytes */
    MEMC_UNIT_PERM = 3,    /* bits: 1 r, 2 w, 4 x, 8 s (shared), 16 p (private) */
    MEMC_UNIT_TYPE = 4,    /* number of a region type: memc_type_name() */
    MEMC_UNIT_STRING = 5,  /* number of a string: memc_snapshot_strings() */
    MEMC_UNIT_FLAGS = 6,   /* the same; the string is "rd wr mr", or "" for none */
};

/* One column: a value for each region, in Arrow's physical layout. */
struct memc_column {
    const void *values;   /* rows * width bytes, 64-byte aligned; NULL if no rows */
    const uint8_t *valid; /* 1 bit a row, LSB first; NULL when none is missing */
    const char *name;     /* "start", "rss_kb", ...: UTF-8, with a final NUL */
    uint32_t width;       /* bytes a value: 1, 2, 4 or 8; all are unsigned */
    enum memc_unit unit;
};

/* Where a column is in a piece of memory, in bytes from its begin. */
struct memc_place {
    uint32_t values;
    uint32_t valid; /* 0: none is missing; something else comes first in the piece */
    uint32_t field; /* the number of the column among all that memc knows */
};

/* Interned byte strings: string i is bytes[offsets[i]] .. bytes[offsets[i+1]]. */
struct memc_strings {
    const char *bytes;       /* not NUL-terminated, not always valid UTF-8 */
    const uint32_t *offsets; /* count + 1 of them; offsets[0] == 0 */
    uint32_t count;          /* string 0 is always "" */
};

/* Return the name of region type `type` ("heap"), or NULL after the last one. */
const char *memc_type_name(uint32_t type);

/* A field of smaps that memc knows, in the kernel's order. */
struct memc_field {
    const char *key;  /* the kernel's: "Rss"; NULL after the last one */
    const char *name; /* the column's: "rss_kb" */
    bool kb;          /* the kernel prints "kB" after it */
};

/* Return field `i`; {NULL, NULL, false} after the last one. */
struct memc_field memc_field(size_t i);

/* ---- Snapshots --------------------------------------------------------- */

struct memc_snapshot;

/* If the process replaces a region while MAPS, RSS, USS or PSS is read, the kernel can
 * leave that region out: it is missing then, without a note. */
enum memc_detail {
    MEMC_DETAIL_MAPS = 0,   /* maps: the layout; total RSS from statm */
    MEMC_DETAIL_SMAPS = 1,  /* smaps: every field */
    MEMC_DETAIL_RSS = 2,    /* maps and page tables, gently: rss, swap and hugetlb_kb */
    MEMC_DETAIL_USS = 3,    /* and uss_kb, file_kb, anon_huge_pages_kb */
    MEMC_DETAIL_TOTALS = 4, /* status and statm: no regions, no lock */
    MEMC_DETAIL_ROLLUP = 5, /* and smaps_rollup: Pss and Uss */
    MEMC_DETAIL_PSS = 6,    /* USS, and pss_kb by kpagecount, which needs root */
};

enum memc_note_code {
    MEMC_NOTE_TORN = 0,     /* regions replaced by newer lines */
    MEMC_NOTE_CUT = 1,      /* the process exec'd or ended while it was read: its
                               totals are not known */
    MEMC_NOTE_BAD_LINE = 2, /* lines that were skipped */
    MEMC_NOTE_DENIED = 3,   /* the kernel refused a part */
    MEMC_NOTE_DEGRADED = 4, /* a gentler detail was read than the caller asked for */
    MEMC_NOTE_LATE = 5,     /* samples that were due before this one, and left out */
    MEMC_NOTE_AS_OF = 6, /* an earlier reading is told again: count is its age in ms */
};

/* What a snapshot lacks. */
struct memc_note {
    const char *code; /* "torn", "cut", "bad_line", "denied", "degraded", "late",
                         "as_of" */
    uint64_t count;
};

/* What is known of a snapshot besides its columns. */
struct memc_info {
    int32_t pid; /* 0 when it was made from text */
    enum memc_detail detail;
    uint64_t rows;
    uint64_t timestamp_ms; /* Unix time at which reading began */
    uint64_t cost_ns;      /* from the first open to the last column */
    uint64_t bytes_read;
    uint64_t total_vsize_kb; /* VmSize: the sum over the regions but [vsyscall], which
                                is no memory of the process; or from statm */
    bool has_total_vsize;    /* false: nobody could tell, or it was cut */
    uint64_t total_rss_kb;   /* the sum of the Rss of the regions, or from statm */
    bool has_total_rss;      /* false: nobody could tell, or it was cut */
    int32_t same_memory_as;  /* the pid of a process that has this memory too, and whose
                                snapshot tells it; 0: none is known.  Only for processes
                                of memc_collect_all() */
    uint64_t longest_read_ns; /* how long one read of smaps or smaps_rollup took at
                                 most: so long it may have held up the process; 0: not
                                 measured, for other details */
    const char *name; /* its comm, with a final NUL, not always valid UTF-8; NULL: it
                         was not read, or cannot be read */
    size_t name_len;
    bool has_started;  /* false: it was not read, or cannot be read */
    uint64_t started;  /* ticks between boot and the start of the process, field 22 of
                          /proc/PID/stat: with the pid it tells the process from later
                          ones that get the same pid */
    uint64_t as_of_ms; /* Unix time of the reading that is told again, because the
                          process has not run since; 0: it was read now */
};

/* A total of MEMC_DETAIL_TOTALS and _ROLLUP. */
struct memc_total {
    const char *name; /* "rss_anon_kb", "threads", ...; NULL after the last one */
    uint64_t value;
    bool known; /* false: the kernel does not say */
};

/* Free a snapshot and everything that it owns.  NULL is allowed. */
void memc_snapshot_destroy(struct memc_snapshot *snap);

/*
 * Let a snapshot use the memory of an earlier one of the same process, `with`, for
 * every column that is the same in both.  Columns of the snapshot that are equal share
 * memory, too.  It then takes less memory, and says the same.
 * `with` may be NULL: then the snapshot gets ready for later ones to share its memory.
 *
 * Call it before anything else uses `snap`: pointers into it are not valid any more. If
 * memory runs out, nothing changes.
 */
void memc_snapshot_share(struct memc_snapshot *snap, const struct memc_snapshot *with);

struct memc_info memc_snapshot_info(const struct memc_snapshot *snap);
size_t memc_snapshot_rows(const struct memc_snapshot *snap);
size_t memc_snapshot_columns(const struct memc_snapshot *snap);

/* Return column `i`, i < memc_snapshot_columns(): first those of a maps line, then the
 * fields of smaps in the order of the kernel, then those that memc does not know. */
struct memc_column memc_snapshot_column(const struct memc_snapshot *snap, size_t i);

/* Return the one piece of memory that all columns of a small table lie in, and write
 * the places of all memc_snapshot_columns() of them.  NULL, and no places, if they lie
 * in several pieces, or if memc does not know one of them. */
const void *memc_snapshot_memory(const struct memc_snapshot *snap,
                                 struct memc_place *places, size_t *size);

/* Write the names of all columns in order, with a newline between two, as
 * memc_error_text() writes an error. */
size_t memc_snapshot_column_names(const struct memc_snapshot *snap, char *text,
                                  size_t size);

/* Return the strings that the columns of MEMC_UNIT_STRING and MEMC_UNIT_FLAGS
 * number. */
struct memc_strings memc_snapshot_strings(const struct memc_snapshot *snap);

/* Return total `i`; its name is NULL after the last one. */
struct memc_total memc_snapshot_total(const struct memc_snapshot *snap, size_t i);

/* Return note `i`; its code is NULL after the last one. */
struct memc_note memc_snapshot_note(const struct memc_snapshot *snap, size_t i);

/* Write note `i` in words, as memc_error_text() writes an error. */
size_t memc_snapshot_note_text(const struct memc_snapshot *snap, size_t i, char *text,
                               size_t size);

/* Write the words of a "late" note. */
size_t memc_late_text(uint64_t count, char *text, size_t size);

/* ---- Text in ----------------------------------------------------------- */

enum memc_kind {
    MEMC_KIND_SMAPS = 0, /* regions, and counters after each */
    MEMC_KIND_MAPS = 1,  /* regions only: a counter is a bad line */
};

struct memc_parse_options {
    enum memc_kind kind;
    bool lenient; /* skip bad lines and note them, instead of failing */
    bool general; /* take no fast path: the result is the same */
};

/*
 * Parse the text of /proc/PID/maps or /proc/PID/smaps.
 *
 * It makes no system call, and keeps no pointer into `text`.  On success *ret owns the
 * result; free it with memc_snapshot_destroy().  The first bad line is MEMC_ERR_FORMAT.
 */
enum memc_status memc_parse(const char *text, size_t len, struct memc_snapshot **ret,
                            struct memc_error *err);

/* The same with options.  NULL means all zero: smaps or maps, and the first bad line
 * fails. */
enum memc_status memc_parse_with_options(const char *text, size_t len,
                                         const struct memc_parse_options *options,
                                         struct memc_snapshot **ret,
                                         struct memc_error *err);

/* ---- Live processes ---------------------------------------------------- */

/* Called with how many of `total` processes are done, in the calling thread only. */
typedef void (*memc_progress_fn)(void *context, size_t done, size_t total);

/* All zero is a good default.  Later versions add members at the end. */
struct memc_options {
    const char *proc; /* another root than /proc; NULL: /proc */
    enum memc_detail detail;
    uint32_t jobs;    /* threads for all processes; 0: memc_cpus() */
    bool skip_kernel; /* leave out processes that have no regions */
    bool cgroups;     /* memc_collect_all() also reads the control group of each */
    uint64_t late;    /* samples that were due before, and left out: makes a note */
    uint64_t max_stall_ms;  /* if smaps or smaps_rollup may hold up a process longer, it
                               is read more gently; 0: no limit */
    uint64_t last_stall_ns; /* longest_read_ns and total_rss_kb of the last read */
    uint64_t last_rss_kb;   /*   of this process, for the estimate; 0: not known */
    memc_progress_fn progress; /* called with (0, total) first and (total, total) last,
                                  and at most ten times a second between; or NULL */
    void *progress_context;
    bool identity;       /* memc_collect() also reads name and started;
                            memc_collect_all() always reads them */
    bool regions_only;   /* with detail MAPS: no total RSS, which takes another file */
    bool cmdlines;       /* memc_collect_all() also reads the command line of each */
    bool keep_open;      /* keep descriptors in the snapshots, for `after` */
    uint64_t max_age_ms; /* how old a reading may be that is told again; 0: 5000 */
    const struct memc_snapshot *after; /* memc_collect() and memc_collect_all(): the */
    const struct memc_system *after_all; /*   last result, made with the same options
                                              and keep_open.  What a process that has
                                              not run since had then is told again,
                                              with a note; the others are read.  The
                                              result keeps descriptors, too.  NULL:
                                              everything is read */
};

/*
 * Read one process.  `options` may be NULL.  On success *ret owns the result; free it
 * with memc_snapshot_destroy().
 */
enum memc_status memc_collect(int32_t pid, const struct memc_options *options,
                              struct memc_snapshot **ret, struct memc_error *err);

/*
 * Samples of a process that does nothing, which one thread takes at fixed times and
 * other threads look at.  memc_repeat_create() returns NULL if memory runs out. Destroy
 * it after memc_repeat_run() has returned.
 */
struct memc_repeat;
struct memc_repeat *memc_repeat_create(void);
void memc_repeat_destroy(struct memc_repeat *repeat);

/*
 * Wait until *due_ns of the monotonic clock and tell `options->after` again, as
 * memc_collect() would; then every `interval_ns`.  This returns when memc_collect() is
 * to be called at *due_ns, because the process must be read or many snapshots are
 * waiting, and at once after memc_repeat_end().  It returns how many samples were left
 * out since the last one, which is `options->late` at first.
 */
uint64_t memc_repeat_run(struct memc_repeat *repeat, int32_t pid,
                         const struct memc_options *options, uint64_t interval_ns,
                         uint64_t *due_ns);

/* Return the oldest snapshot that was told and not taken yet, and how many samples were
 * left out before it; NULL if there is none.  The caller owns it.  Any thread may call
 * this, and memc_repeat_end(), after which no snapshot is told any more. */
struct memc_snapshot *memc_repeat_take(struct memc_repeat *repeat, uint64_t *late);
void memc_repeat_end(struct memc_repeat *repeat);

struct memc_system;

/* Its texts have a final NUL and are not always valid UTF-8.  A text is NULL if it was
 * not read, or cannot be read. */
struct memc_process {
    int32_t pid;
    const char *name; /* its comm; "" if it cannot be read */
    size_t name_len;
    const struct memc_snapshot *snapshot; /* borrowed from the system */
    bool has_uid;                         /* false: it cannot be read */
    uint32_t uid;                         /* of its effective user */
    const char *cgroup; /* the path of its control group; if each controller has its
                           own, that of the memory controller; or NULL */
    size_t cgroup_len;
    bool has_started;    /* false: it cannot be read */
    uint64_t started;    /* as in struct memc_info */
    const char *cmdline; /* its arguments with one blank between them, "" if it has
                            none, like a kernel thread; or NULL */
    size_t cmdline_len;
};

struct memc_skipped {
    int32_t pid;
    const char *name;
    size_t name_len;
    const char *reason; /* "denied", "gone" or "error" */
    struct memc_error error;
};

/* Return how many CPUs this thread may run on, at least 1. */
uint32_t memc_cpus(void);

/*
 * Read every process of the root.  A process that cannot be read is among the skipped
 * ones, and so is a process for which memory runs out.  The call fails only if the root
 * cannot be listed, or if there is no memory for the list.
 */
enum memc_status memc_collect_all(const struct memc_options *options,
                                  struct memc_system **ret, struct memc_error *err);

/* Free a system and its snapshots.  NULL is allowed. */
void memc_system_destroy(struct memc_system *system);

uint64_t memc_system_timestamp_ms(const struct memc_system *system);
size_t memc_system_processes(const struct memc_system *system);
size_t memc_system_skipped(const struct memc_system *system);

/* Return how many samples were left out before this one, as the options said. */
uint64_t memc_system_late(const struct memc_system *system);

/* Return process `i` in order of pid, i < memc_system_processes(). */
struct memc_process memc_system_process(const struct memc_system *system, size_t i);

/* Return skipped process `i` in order of pid, i < memc_system_skipped(). */
struct memc_skipped memc_system_skip(const struct memc_system *system, size_t i);

/* Compare the memories of two live processes: 0 if they are one, 1 or 2 for their
 * order, -1 if that is not allowed or not known (kcmp(2)).  The pids are those that the
 * caller has; a process whose first thread has ended has no memory here. */
int memc_compare_memory(int32_t pid, int32_t other);

/* ---- The same processes, again and again ------------------------------- */

/* The numbers that stat tells; one that is not there is 0. */
enum memc_stat_value {
    MEMC_STAT_STATE = 0, /* a letter */
    MEMC_STAT_PARENT = 1,
    MEMC_STAT_THREADS = 2,
    MEMC_STAT_STARTED = 3, /* ticks since boot */
    MEMC_STAT_VSIZE = 4,   /* bytes */
    MEMC_STAT_RSS_PAGES = 5,
    MEMC_STAT_MINFLT = 6,
    MEMC_STAT_MAJFLT = 7,
    MEMC_STAT_START_CODE = 8, /* 0 if the kernel hides it, and the next one too */
    MEMC_STAT_START_STACK = 9,
    MEMC_STAT_VALUES = 10,
};

enum { MEMC_STAT_SIZE = 1280 }; /* of the longest: 64 bytes of name, and 52 numbers */

/* A process to look at, and what its stat told last. */
struct memc_stat {
    int32_t pid;
    int fd;          /* its stat, which the caller opened; -1: it is opened each time */
    uint32_t len;    /* of the text; 0: the process has ended */
    bool is_renamed; /* the name is another one than before, or the first */
    uint32_t name_at;
    uint32_t name_len; /* the name is text[name_at] .. text[name_at + name_len] */
    uint64_t values[MEMC_STAT_VALUES];
    char text[MEMC_STAT_SIZE]; /* without a final NUL */
};

/*
 * Read stat of `n` processes in the open folder `root`.  Those for which it tells other
 * values, or another name, than before are written to `changed`, in their order, and
 * counted.  So are those that ended, and those whose first thread has ended while
 * others live.
 */
size_t memc_stat_all(int root, struct memc_stat *stats, size_t n, uint32_t *changed);

/* The amounts that status tells, in kB. */
enum memc_amount {
    MEMC_AMOUNT_RSS = 0,
    MEMC_AMOUNT_SIZE = 1,
    MEMC_AMOUNT_ANON = 2,
    MEMC_AMOUNT_FILE = 3,
    MEMC_AMOUNT_SHMEM = 4,
    MEMC_AMOUNT_SWAP = 5,
    MEMC_AMOUNT_HUGETLB = 6,
    MEMC_AMOUNT_PEAK = 7,
    MEMC_AMOUNT_PAGE_TABLES = 8,
    MEMC_AMOUNTS = 9,
};

struct memc_status_amounts {
    int64_t is_told;               /* 0: the process has ended */
    int64_t amounts[MEMC_AMOUNTS]; /* -1: not told */
};

/* Read `n` open files of status. */
void memc_status_all(const int *fds, size_t n, struct memc_status_amounts *ret);

/* ---- Arrow out --------------------------------------------------------- */

/* The structure of the Arrow C stream interface: <memc/arrow.h>, or any other copy. */
struct ArrowArrayStream;

/*
 * Make an Arrow C stream of the columns: one array, or none when there are no rows.  A
 * snapshot of totals is one row: total_rss_kb, total_vsize_kb and the totals.
 *
 * Integers are not copied.  Texts (pathname, perm, type, vm_flags as "rd wr mr") are
 * dictionaries of utf8, with U+FFFD for bytes that are not UTF-8.  If a pathname has
 * such bytes, the column pathname_hex follows, with its exact bytes.  A missing value
 * is null.
 *
 * *ret is filled on success; then the caller must release it.  The stream and
 * everything that comes from it hold the snapshot, which may be destroyed before them.
 * Any thread may call the release callbacks.
 */
enum memc_status memc_snapshot_arrow_stream(struct memc_snapshot *snap,
                                            struct ArrowArrayStream *ret,
                                            struct memc_error *err);

/*
 * The same of all processes, one array for each.  All arrays have one schema: pid,
 * name, uid, cgroup, started and cmdline, then each column that any of the tables has.
 * A column of the regions that is called like one of the six is "region_NAME".  If
 * cgroup or cmdline was not asked for, the column is null, and the metadata of its
 * field has the key "memc", whose value says so.
 */
enum memc_status memc_system_arrow_stream(const struct memc_system *system,
                                          struct ArrowArrayStream *ret,
                                          struct memc_error *err);

/* A column that belongs to no snapshot.  `format` is Arrow's, of what is stored: "L",
 * "l", "g", "I", "i" or "C".  `strings` are what the values number, in UTF-8, or NULL.
 * `note` is the value of the key "memc" in the metadata of the field, or NULL. */
struct memc_arrow_column {
    const char *name;
    const char *format;
    const struct memc_strings *strings;
    const char *note;
};

/* Its values for some rows. */
struct memc_arrow_values {
    const void *values;
    const uint8_t *valid; /* as in struct memc_column */
};

struct memc_arrow_batch {
    size_t rows;
    const struct memc_arrow_values *columns; /* one for each column */
};

struct memc_arrow {
    const struct memc_arrow_column *columns;
    size_t n_columns;
    const struct memc_arrow_batch *batches;
    size_t n_batches;
};

/* Make a stream of these columns, one array for each batch.  It holds a copy of
 * everything. */
enum memc_status memc_arrow_stream(const struct memc_arrow *from,
                                   struct ArrowArrayStream *ret,
                                   struct memc_error *err);

/* ---- JSON out ---------------------------------------------------------- */

/* Called with the next bytes of a document.  Returns 0, or an errno to stop. */
typedef int (*memc_write_fn)(void *context, const char *bytes, size_t len);

struct memc_json_options {
    bool pretty;   /* two blanks for each level, instead of one line */
    bool full;     /* every column, and all that is known of the process */
    uint32_t jobs; /* threads that make the document of a system; 0: this one */
};

/*
 * Write a document in pieces of at most 64 KiB, without a final newline.  `options` may
 * be NULL.  If `write` fails, the result is MEMC_ERR_SYSTEM with its errno.  If there
 * is more than one job, any of the threads calls `write`, but only one at a time.
 */
enum memc_status memc_snapshot_json(const struct memc_snapshot *snap,
                                    const struct memc_json_options *options,
                                    memc_write_fn write, void *context,
                                    struct memc_error *err);
enum memc_status memc_system_json(const struct memc_system *system,
                                  const struct memc_json_options *options,
                                  memc_write_fn write, void *context,
                                  struct memc_error *err);

/* A memc_write_fn whose context is an int *: an open file descriptor.  It waits if the
 * file is non-blocking and full. */
int memc_write_fd(void *context, const char *bytes, size_t len);

/* A memc_write_fn whose context is a struct memc_buffer *, all zero at first. */
struct memc_buffer {
    char *bytes;
    size_t len;
    size_t capacity;
};
int memc_write_buffer(void *context, const char *bytes, size_t len);
void memc_buffer_deinit(struct memc_buffer *buffer);
