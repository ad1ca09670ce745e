/* json.c - every document of every table is valid JSON in valid UTF-8, and what is
 * pretty says what is compact. */
#include "fuzz.h"
#include "valid_json.h"

static struct memc_buffer document_of(const struct memc_snapshot *snap, bool pretty,
                                      bool full)
{
    struct memc_json_options options = {.pretty = pretty, .full = full};
    struct memc_buffer b = {0};
    struct memc_error err;
    CHECK(memc_snapshot_json(snap, &options, memc_write_buffer, &b, &err) == MEMC_OK);
    CHECK(is_valid_json(b.bytes, b.len));
    return b;
}

/* The next byte that is not layout: blanks and newlines outside of strings. */
static int next_byte(const struct memc_buffer *b, size_t *at, bool *quoted)
{
    while (*at < b->len && !*quoted && (b->bytes[*at] == ' ' || b->bytes[*at] == '\n'))
        ++*at;
    if (*at == b->len)
        return EOF;
    char c = b->bytes[(*at)++];
    if (c == '"')
        *quoted = !*quoted;
    if (c == '\\') /* what is escaped ends no string */
        return 256 + b->bytes[(*at)++];
    return (unsigned char)c;
}

static void check_same_document(const struct memc_buffer *pretty,
                                const struct memc_buffer *compact)
{
    size_t i = 0;
    size_t k = 0;
    bool in_string = false;
    bool in_other = false;
    int c = 0;
    while (c != EOF) {
        c = next_byte(pretty, &i, &in_string);
        CHECK(c == next_byte(compact, &k, &in_other));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    if (!input_of(data, size, &in))
        return 0;
    struct memc_parse_options options = {.kind = in.options.kind, .lenient = true};
    struct outcome o = parse(&in, &options);
    for (int full = 0; full < 2; full++) {
        struct memc_buffer pretty = document_of(o.snap, true, full);
        struct memc_buffer compact = document_of(o.snap, false, full);
        check_same_document(&pretty, &compact);
        memc_buffer_deinit(&pretty);
        memc_buffer_deinit(&compact);
    }
    memc_snapshot_destroy(o.snap);
    return 0;
}
