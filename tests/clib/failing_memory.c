/*
 * failing_memory.c - the n-th call that wants memory fails: failing_memory PROC FILE...
 *
 * Each step of the table below is done again and again: first its first call fails,
 * then its second, ..., until one time none did; and all that again with every call
 * from the n-th on failing.  Nothing may crash, leak, or write an output on failure.
 * The calls of the library go through wrapped.c.
 */
#include <errno.h>

#include "arrow_in.h"
#include "check.h"
#include "wrapped.h"

/* ---- the steps --------------------------------------------------------- */

enum { LARGE = 1000 };

static char untouched; /* what an output points to until it is written */
static struct text text;
static const char *proc;

static bool is_out_of_memory(enum memc_status st, const struct memc_error *err)
{
    bool listing = st == MEMC_ERR_SYSTEM && err->sys_errno == ENOMEM; /* fdopendir */
    return st == err->status && (st == MEMC_ERR_MEMORY || listing);
}

/* Both documents of a snapshot, into a buffer that may not grow either. */
static bool write_documents(const struct memc_snapshot *snap)
{
    bool good = true;
    for (int full = 0; full < 2; full++) {
        struct memc_json_options options = {.pretty = full, .full = full};
        struct memc_error err;
        struct memc_buffer b = {0};
        enum memc_status st =
            memc_snapshot_json(snap, &options, memc_write_buffer, &b, &err);
        CHECK(st == MEMC_OK || is_out_of_memory(st, &err));
        CHECK(b.len <= b.capacity);
        good = good && st == MEMC_OK;
        memc_buffer_deinit(&b);
    }
    return good;
}

/* The columns as a stream, which holds them when the snapshot is destroyed. */
static bool export_and_destroy(struct memc_snapshot *snap)
{
    struct ArrowArrayStream stream = {.private_data = &untouched};
    struct memc_error err;
    enum memc_status st = memc_snapshot_arrow_stream(snap, &stream, &err);
    memc_snapshot_destroy(snap);
    if (st < 0) {
        CHECK(is_out_of_memory(st, &err));
        CHECK(stream.private_data == &untouched && !stream.release);
        return false;
    }
    int failed = drain_stream(&stream);
    CHECK(failed == 0 || failed == ENOMEM);
    return failed == 0;
}

/* What wants memory for each row has wanted it by then: a large table is not shown. */
static bool show_and_destroy(struct memc_snapshot *snap)
{
    if (memc_snapshot_rows(snap) < LARGE) {
        bool good = write_documents(snap);
        return export_and_destroy(snap) && good;
    }
    memc_snapshot_destroy(snap);
    return true;
}

static bool parse(enum memc_kind kind, bool lenient, bool general)
{
    struct memc_parse_options options = {kind, lenient, general};
    struct memc_snapshot *snap = (struct memc_snapshot *)(void *)&untouched;
    struct memc_error err;
    enum memc_status st =
        memc_parse_with_options(text.bytes, text.len, &options, &snap, &err);
    if (st < 0) {
        CHECK((void *)snap == &untouched);
        CHECK(is_out_of_memory(st, &err) || (st == MEMC_ERR_FORMAT && !lenient));
        return st == MEMC_ERR_FORMAT;
    }
    return show_and_destroy(snap);
}

static bool parse_strict(void)
{
    return parse(MEMC_KIND_SMAPS, false, false);
}

static bool parse_general(void)
{
    return parse(MEMC_KIND_SMAPS, false, true);
}

static bool parse_lenient(void)
{
    return parse(MEMC_KIND_MAPS, true, false);
}

static bool collect(int32_t pid, const char *root, enum memc_detail detail)
{
    struct memc_options options = {
        .proc = root, .detail = detail, .identity = true, .late = 1};
    struct memc_snapshot *snap = (struct memc_snapshot *)(void *)&untouched;
    struct memc_error err;
    enum memc_status st = memc_collect(pid, &options, &snap, &err);
    if (st < 0) {
        CHECK((void *)snap == &untouched && is_out_of_memory(st, &err));
        return false;
    }
    return show_and_destroy(snap);
}

static bool collect_maps(void)
{
    return collect(1, proc, MEMC_DETAIL_MAPS);
}

static bool collect_smaps(void)
{
    return collect(1, proc, MEMC_DETAIL_SMAPS);
}

static bool collect_totals(void)
{
    return collect(1, proc, MEMC_DETAIL_ROLLUP);
}

/* A copy has no page tables: those of this process. */
static bool collect_rss(void)
{
    return collect(getpid(), NULL, MEMC_DETAIL_RSS);
}

static bool collect_uss(void)
{
    return collect(getpid(), NULL, MEMC_DETAIL_USS);
}

static bool collect_pss(void)
{
    return collect(getpid(), NULL, MEMC_DETAIL_PSS);
}

/* Two snapshots that share memory.  Without memory each keeps what it has. */
static bool share(void)
{
    struct memc_options options = {.proc = proc, .detail = MEMC_DETAIL_SMAPS};
    struct memc_snapshot *snaps[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        if (memc_collect(1, &options, &snaps[i], NULL) < 0) {
            memc_snapshot_destroy(snaps[0]);
            return false;
        }
        memc_snapshot_share(snaps[i], i ? snaps[0] : NULL);
    }
    memc_snapshot_destroy(snaps[0]);
    return show_and_destroy(snaps[1]);
}

/* A process for which there was no memory is among the skipped. */
static bool check_skipped(const struct memc_system *system)
{
    bool good = true;
    for (size_t i = 0; i < memc_system_skipped(system); i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        CHECK(strcmp(s.reason, "error") == 0);
        CHECK(is_out_of_memory(s.error.status, &s.error));
        good = false;
    }
    return good;
}

static bool export_all(const struct memc_system *system)
{
    struct ArrowArrayStream stream = {.private_data = &untouched};
    struct memc_error err;
    enum memc_status st = memc_system_arrow_stream(system, &stream, &err);
    CHECK(st == MEMC_OK || is_out_of_memory(st, &err));
    CHECK(st == MEMC_OK || stream.private_data == &untouched);
    return st == MEMC_OK && drain_stream(&stream) == 0;
}

static bool collect_all(uint32_t jobs)
{
    struct memc_options options = {
        .proc = proc, .jobs = jobs, .cgroups = true, .cmdlines = true};
    struct memc_json_options json = {.full = true};
    struct memc_system *system = (struct memc_system *)(void *)&untouched;
    struct memc_error err;
    enum memc_status st = memc_collect_all(&options, &system, &err);
    if (st < 0) {
        CHECK((void *)system == &untouched && is_out_of_memory(st, &err));
        return false;
    }
    bool good = check_skipped(system) && export_all(system);
    struct memc_buffer b = {0};
    st = memc_system_json(system, &json, memc_write_buffer, &b, &err);
    CHECK(st == MEMC_OK || is_out_of_memory(st, &err));
    memc_buffer_deinit(&b);
    memc_system_destroy(system);
    return good && st == MEMC_OK;
}

static bool collect_all_alone(void)
{
    return collect_all(1);
}

static bool collect_all_on_threads(void)
{
    return collect_all(3);
}

/* Without an error to fill. */
static bool be_told_nothing(void)
{
    struct memc_snapshot *snap;
    struct memc_options options = {.proc = proc};
    if (memc_collect(1, &options, &snap, NULL) < 0)
        return false;
    struct memc_buffer b = {0};
    enum memc_status st = memc_snapshot_json(snap, NULL, memc_write_buffer, &b, NULL);
    memc_buffer_deinit(&b);
    memc_snapshot_destroy(snap);
    return st == MEMC_OK;
}

/* Columns of somebody else, copied into a stream. */
static bool export_copies(void)
{
    static const uint64_t NUMBERS[] = {1, 2, 3};
    static const uint32_t NAMES[] = {1, 0, 1};
    static const uint8_t VALID[] = {5};
    static const uint32_t OFFSETS[] = {0, 0, 4};
    const struct memc_strings strings = {"name", OFFSETS, 2};
    const struct memc_arrow_column columns[] = {
        {"a", "L", NULL, "a note"},
        {"b", "I", &strings, NULL},
    };
    const struct memc_arrow_values values[] = {{NUMBERS, VALID}, {NAMES, NULL}};
    const struct memc_arrow_batch batches[] = {{3, values}, {0, values}, {2, values}};
    const struct memc_arrow all = {columns, 2, batches, 3};
    struct ArrowArrayStream stream = {.private_data = &untouched};
    struct memc_error err;
    enum memc_status st = memc_arrow_stream(&all, &stream, &err);
    CHECK(st == MEMC_OK || is_out_of_memory(st, &err));
    CHECK(st == MEMC_OK || stream.private_data == &untouched);
    return st == MEMC_OK && drain_stream(&stream) == 0;
}

/* What is in the buffer stays when it cannot grow. */
static bool write_buffer(void)
{
    struct memc_buffer b = {0};
    size_t written = 0;
    while (written < 1000000) {
        struct memc_buffer before = b;
        if (memc_write_buffer(&b, text.bytes, text.len) != 0) {
            CHECK(b.bytes == before.bytes && b.len == before.len);
            CHECK(b.capacity == before.capacity);
            memc_buffer_deinit(&b);
            return false;
        }
        CHECK(memcmp(b.bytes + written, text.bytes, text.len) == 0);
        written += text.len;
    }
    CHECK(b.len == written);
    memc_buffer_deinit(&b);
    CHECK(b.bytes == NULL && b.capacity == 0);
    return true;
}

static bool make_repeat(void)
{
    struct memc_repeat *repeat = memc_repeat_create();
    bool is_made = repeat != NULL;
    memc_repeat_destroy(repeat);
    return is_made;
}

static const struct step {
    const char *name;
    bool (*run)(void); /* false: it did not get all the memory it wanted */
    bool of_each_file;
} STEPS[] = {
    {"memc_parse, strict", parse_strict, true},
    {"memc_parse, strict, general", parse_general, true},
    {"memc_parse, lenient", parse_lenient, true},
    {"memc_collect, maps", collect_maps, false},
    {"memc_collect, smaps", collect_smaps, false},
    {"memc_collect, totals", collect_totals, false},
    {"memc_collect, rss", collect_rss, false},
    {"memc_collect, uss", collect_uss, false},
    {"memc_collect, pss", collect_pss, false},
    {"memc_collect, no error wanted", be_told_nothing, false},
    {"memc_snapshot_share", share, false},
    {"memc_repeat_create", make_repeat, false},
    {"memc_collect_all, 1 job", collect_all_alone, false},
    {"memc_collect_all, 3 jobs", collect_all_on_threads, false},
    {"memc_arrow_stream", export_copies, false},
    {"memc_write_buffer", write_buffer, false},
};

/* ---- running them ------------------------------------------------------ */

/* Returns whether a call failed. */
static bool run_once(const struct step *step, size_t n, bool on)
{
    long before = wrapped_held();
    wrapped_fail(n, on);
    bool good = step->run();
    bool failed = wrapped_stop();
    CHECK(wrapped_held() == before);
    CHECK(good || failed);
    return failed;
}

static void run_step(const struct step *step)
{
    size_t n = 1;
    (void)run_once(step, 0, false); /* what is set up once is set up now */
    for (int on = 0; on < 2; on++) {
        for (n = 1; run_once(step, n, on); n++)
            ;
    }
    printf("%s: %zu calls\n", step->name, n - 1);
}

int main(int argc, char **argv)
{
    CHECK(argc > 2);
    proc = argv[1];
    for (int i = 2; i < argc; i++) {
        text = read_file(argv[i]);
        for (size_t k = 0; k < sizeof STEPS / sizeof *STEPS; k++) {
            if (STEPS[k].of_each_file || i == 2)
                run_step(&STEPS[k]);
        }
        free(text.bytes);
    }
    return 0;
}
