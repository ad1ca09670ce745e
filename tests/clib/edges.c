/* edges.c - keyvals, stat, status and json_string on bytes that end where memory ends. */
#include <errno.h>

#include "base/keyvals.h"
#include "check.h"
#include "valid_json.h"
#include "json/writer.h"
#include "proc/stats.h"

/* ---- keyvals ----------------------------------------------------------- */

static const char STATUS[] = "Name:\tcat\nVmRSSX:\t 1 kB\nVmRSS:\t    4820 kB\n"
                             "Big:\t18446744073709551616\nUid:\t1000\t1000\nVmRSS:\t9";

/* What each beginning of STATUS tells of VmRSS. */
static void check_keyvals(struct guarded room, size_t len)
{
    size_t line = (size_t)(strstr(STATUS, "VmRSS:") - STATUS);
    size_t digits = (size_t)(strstr(STATUS, "4820") - STATUS);
    const char *bytes = guarded_copy(room, STATUS, len);
    struct scan text = {bytes, room.end};
    struct scan value;
    uint64_t number = 77;

    CHECK(keyvals_find(text, "VmRSS", &value) == (len >= line + 6));
    bool found = keyvals_number(text, "VmRSS", &number);
    CHECK(found == (len > digits));
    static const uint64_t SEEN[] = {77, 4, 48, 482, 4820};
    size_t seen = found ? len - digits : 0;
    CHECK(number == SEEN[seen < 4 ? seen : 4]);
    number = 77;
    CHECK(!keyvals_number(text, "Vm", &number) && !keyvals_number(text, "", &number));
    if (len == sizeof STATUS - 1)
        CHECK(!keyvals_number(text, "Big", &number));
    CHECK(number == 77);
}

/* ---- stat and status ---------------------------------------------------- */

static const char STAT[] = "7 (a) b) S 1 7 7 0 -1 0 11 0 12 0 0 0 0 0 20 0 2 0 13 14 "
                           "15 0 16 17 18 0";

/* What each beginning of STAT tells: all of it, once the start of the stack is there. */
static void check_stat(struct guarded room, size_t len)
{
    static const uint64_t TOLD[MEMC_STAT_VALUES] = {'S', 1,  2,  13, 14,
                                                    15,  11, 12, 16, 18};
    size_t stack = (size_t)(strstr(STAT, " 18 ") + 1 - STAT);
    const char *bytes = guarded_copy(room, STAT, len);
    struct scan name = {NULL, NULL};
    uint64_t values[MEMC_STAT_VALUES] = {0};
    bool found = stats_parse((struct scan){bytes, room.end}, &name, values);
    CHECK(found == (len >= stack));
    if (!found)
        return;
    CHECK(scan_is(&name, "a) b", 4));
    CHECK(memcmp(values, TOLD, sizeof TOLD - sizeof *TOLD) == 0);
    CHECK(values[MEMC_STAT_START_STACK] == (len == stack ? 0 : len == stack + 1 ? 1 : 18));
}

/* What each beginning of STATUS tells of the RSS, which is the last key. */
static void check_amounts(struct guarded room, size_t len)
{
    size_t digits = (size_t)(strstr(STATUS, "4820") - STATUS);
    const char *bytes = guarded_copy(room, STATUS, len);
    int64_t amounts[MEMC_AMOUNTS];
    stats_amounts((struct scan){bytes, room.end}, amounts);
    static const int64_t SEEN[] = {-1, 4, 48, 482, 4820};
    size_t seen = len > digits ? len - digits : 0;
    CHECK(amounts[MEMC_AMOUNT_RSS] == SEEN[seen < 4 ? seen : 4]);
    for (int i = MEMC_AMOUNT_RSS + 1; i < MEMC_AMOUNTS; i++)
        CHECK(amounts[i] == -1);
}

/* ---- json_string ------------------------------------------------------- */

/* What one string becomes, from a place where nothing lies behind it. */
static struct memc_buffer quoted(struct guarded room, const char *bytes, size_t len)
{
    struct memc_buffer b = {0};
    struct json *j = json_create(memc_write_buffer, &b, false);
    CHECK(j != NULL);
    json_string(j, guarded_copy(room, bytes, len), len);
    CHECK(json_finish(j, NULL) == MEMC_OK);
    json_destroy(j);
    return b;
}

/* Each beginning of each sequence of UTF-8, good and bad, behind every byte. */
static void check_strings(struct guarded room)
{
    static const char *const TAILS[] = {
        "\xc3\xa9",     "\xe2\x80\xae",     "\xf0\x9f\x98\x80", "\xed\xa0\x80",
        "\xf4\x90\x80", "\xf8\x88\x80\x80", "\xe0\x80\x80",     "\xf0\x8f\xbf\xbf",
    };
    for (unsigned first = 0; first < 256; first++) {
        for (size_t i = 0; i < sizeof TAILS / sizeof *TAILS; i++) {
            for (size_t len = 0; len <= strlen(TAILS[i]); len++) {
                char text[8] = {(char)first};
                memcpy(text + 1, TAILS[i], len);
                struct memc_buffer b = quoted(room, text, 1 + len);
                CHECK(is_valid_json(b.bytes, b.len));
                memc_buffer_deinit(&b);
            }
        }
    }
}

/* What is longer than the buffer goes out in pieces, and none is lost. */
static void check_long_string(void)
{
    for (size_t len = JSON_SIZE - 12; len < JSON_SIZE + 12; len++) {
        struct guarded room = guarded_create(len);
        char *text = malloc(len);
        CHECK(text != NULL);
        memset(text, 'x', len);
        text[len - 1] = '\x01';
        struct memc_buffer b = quoted(room, text, len);
        CHECK(b.len == 1 + (len - 1) + strlen("\\u0001") + 1);
        CHECK(memcmp(b.bytes + b.len - 7, "\\u0001\"", 7) == 0);
        memc_buffer_deinit(&b);
        guarded_destroy(room);
        free(text);
    }
}

/* ---- words ------------------------------------------------------------- */

/* A text of words is cut to the room there is, and its whole length told. */
static void check_words(struct guarded room)
{
    static const struct memc_error ERRORS[] = {
        {.status = MEMC_OK},
        {.status = MEMC_ERR_MEMORY},
        {.status = MEMC_ERR_LIMIT},
        {.status = MEMC_ERR_ARGUMENT, .what = "a pid"},
        {.status = MEMC_ERR_FORMAT, .what = "kB", .line = 3, .column = 9},
        {.status = MEMC_ERR_SYSTEM, .what = "/proc", .sys_errno = ENOENT},
        {.status = MEMC_ERR_SYSTEM, .what = "/proc", .sys_errno = 99999},
        {.status = MEMC_ERR_SYSTEM, .pid = 7, .what = "maps", .sys_errno = EIO},
        {.status = MEMC_ERR_SYSTEM, .pid = 7, .what = "maps", .sys_errno = ENOENT},
        {.status = MEMC_ERR_DENIED, .pid = 7, .what = "maps"},
        {.status = MEMC_ERR_DENIED, .pid = 7, .what = "x", .hint = MEMC_HINT_HIDDEN},
        {.status = MEMC_ERR_GONE, .pid = 7, .hint = MEMC_HINT_ENDED},
        {.status = MEMC_ERR_GONE, .pid = 7},
    };
    for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++) {
        char whole[512];
        size_t len = memc_error_text(&ERRORS[i], whole, sizeof whole);
        CHECK(len == strlen(whole) && !strchr(whole, '\n'));
        CHECK(memc_error_text(&ERRORS[i], NULL, 0) == len);
        for (size_t size = 1; size <= len + 1; size++) {
            CHECK(memc_error_text(&ERRORS[i], room.end - size, size) == len);
            CHECK(memcmp(room.end - size, whole, size - 1) == 0);
            CHECK(room.end[-1] == '\0');
        }
    }
}

/* Notes too; one of them is made of an error's words behind its own. */
static void check_note_words(struct guarded room)
{
    static const char TEXT[] = "00001000-00002000 rw-p 00000000 00:00 0 \nRss: 1\n"
                               "00001000-00003000 rw-p 00000000 00:00 0 \n";
    struct memc_parse_options options = {.lenient = true};
    struct memc_snapshot *snap;
    CHECK(memc_parse_with_options(TEXT, sizeof TEXT - 1, &options, &snap, NULL) ==
          MEMC_NOTED);
    for (size_t i = 0; memc_snapshot_note(snap, i).code; i++) {
        char whole[512];
        size_t len = memc_snapshot_note_text(snap, i, whole, sizeof whole);
        CHECK(len == strlen(whole));
        for (size_t size = 1; size <= len + 1; size++) {
            CHECK(memc_snapshot_note_text(snap, i, room.end - size, size) == len);
            CHECK(memcmp(room.end - size, whole, size - 1) == 0);
        }
    }
    CHECK(memc_snapshot_note_text(snap, 99, NULL, 0) == 0);
    memc_snapshot_destroy(snap);
}

/* ---- no text ----------------------------------------------------------- */

static void check_no_text(struct guarded room)
{
    struct memc_snapshot *snap;
    CHECK(memc_parse(guarded_copy(room, "", 0), 0, &snap, NULL) == MEMC_OK);
    CHECK(memc_snapshot_rows(snap) == 0 && !memc_snapshot_note(snap, 0).code);
    CHECK(memc_snapshot_strings(snap).bytes && memc_snapshot_strings(snap).count == 1);
    memc_snapshot_destroy(snap);
    memc_snapshot_destroy(NULL);
    memc_system_destroy(NULL);
    CHECK(memc_collect(0, NULL, &snap, NULL) == MEMC_ERR_ARGUMENT);
    CHECK(memc_parse("\0", 1, &snap, NULL) == MEMC_ERR_FORMAT);
}

int main(void)
{
    struct guarded room = guarded_create(4096);
    check_no_text(room);
    for (size_t len = 0; len < sizeof STATUS; len++)
        check_keyvals(room, len);
    for (size_t len = 0; len < sizeof STATUS; len++)
        check_amounts(room, len);
    for (size_t len = 0; len < sizeof STAT; len++)
        check_stat(room, len);
    check_strings(room);
    check_long_string();
    check_words(room);
    check_note_words(room);
    guarded_destroy(room);
    printf("ok\n");
    return 0;
}
