/* arrow.c - every stream of every table is sound, outlives its table, and gives the
 * exact bytes of each path that is not UTF-8. */
#include "arrow_in.h"
#include "fuzz.h"

static int64_t find(const struct ArrowSchema *s, const char *name)
{
    for (int64_t i = 0; i < s->n_children; i++) {
        if (strcmp(s->children[i]->name, name) == 0)
            return i;
    }
    return -1;
}

static bool is_hex_of(struct text hex, struct text exact)
{
    if (hex.len != 2 * exact.len)
        return false;
    for (size_t i = 0; i < exact.len; i++) {
        char digits[3];
        (void)snprintf(digits, sizeof digits, "%02x", (unsigned char)exact.bytes[i]);
        if (memcmp(hex.bytes + 2 * i, digits, 2) != 0)
            return false;
    }
    return true;
}

/* Row by row: the path shown is the path, or its bytes stand beside it. */
static void check_paths(const struct memc_snapshot *snap, const struct ArrowSchema *s,
                        const struct ArrowArray *a)
{
    const struct memc_column paths = memc_snapshot_column(snap, 7);
    const struct ArrowArray *shown = a->children[find(s, "pathname")];
    int64_t at = find(s, "pathname_hex");
    for (int64_t row = 0; row < a->length; row++) {
        uint64_t shown_id = arrow_value(s->children[find(s, "pathname")], shown, row);
        struct text t = arrow_string(shown->dictionary, shown_id);
        struct text exact = string_of(snap, value_of(&paths, (size_t)row));
        if (is_valid_utf8(exact.bytes, exact.len)) {
            CHECK(t.len == exact.len && memcmp(t.bytes, exact.bytes, t.len) == 0);
            continue;
        }
        CHECK(at >= 0 && arrow_has(a->children[at], row));
        uint64_t id = arrow_value(s->children[at], a->children[at], row);
        CHECK(is_hex_of(arrow_string(a->children[at]->dictionary, id), exact));
    }
}

static void check_first_array(struct memc_snapshot *snap)
{
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    CHECK(memc_snapshot_arrow_stream(snap, &stream, NULL) == MEMC_OK);
    CHECK(stream.get_schema(&stream, &schema) == 0);
    CHECK(stream.get_next(&stream, &array) == 0);
    CHECK(!array.release == (memc_snapshot_rows(snap) == 0));
    if (array.release) {
        check_paths(snap, &schema, &array);
        array.release(&array);
    }
    schema.release(&schema);
    stream.release(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    if (!input_of(data, size, &in))
        return 0;
    struct memc_parse_options options = {.kind = in.options.kind, .lenient = true};
    struct outcome o = parse(&in, &options);
    struct ArrowArrayStream stream;
    check_first_array(o.snap);
    CHECK(memc_snapshot_arrow_stream(o.snap, &stream, NULL) == MEMC_OK);
    memc_snapshot_destroy(o.snap);
    CHECK(drain_stream(&stream) == 0);
    return 0;
}
