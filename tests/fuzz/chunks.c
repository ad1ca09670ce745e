/* chunks.c - text that comes in pieces is read as the same text in one piece. */
#include "fuzz.h"
#include "parse/parser.h"
#include "table/complete.h"

/* A different cut for each input and each of its 32 ways of reading. */
static size_t next_size(uint64_t *state, unsigned how)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    size_t most = (size_t)1 << (how % 12);
    return 1 + (size_t)(*state >> 33) % most;
}

/* Feed what has come so far, as collect.c does: what is left waits for more. */
static enum memc_status feed_all(struct parser *p, const struct input *in)
{
    uint64_t state = in->len;
    size_t begin = 0;
    size_t end = 0;
    enum memc_status st = MEMC_OK;
    struct guarded room = guarded_create(in->len); /* nothing behind is looked at */
    while (st >= 0 && end < in->len) {
        size_t size = next_size(&state, in->more);
        end = size < in->len - end ? end + size : in->len;
        const char *bytes = guarded_copy(room, in->text + begin, end - begin);
        size_t used = 0;
        struct scan text = {bytes, room.end};
        st = parser_feed(p, text, end == in->len, &used);
        CHECK(used <= end - begin);
        begin += used;
    }
    guarded_destroy(room);
    CHECK(st < 0 || begin == in->len);
    return st;
}

static struct outcome parse_chunks(const struct input *in)
{
    struct parser p;
    struct outcome o = {.snap = NULL};
    CHECK(table_create(&o.snap) >= 0);
    parser_init(&p, o.snap, &in->options);
    o.status = feed_all(&p, in);
    if (o.status >= 0)
        o.status = complete_table(o.snap);
    if (o.status >= 0)
        return o;
    memc_snapshot_destroy(o.snap);
    o.snap = NULL;
    o.error = p.error;
    return o;
}

/* The detail of parsed text is decided from all of it, by memc_parse() alone. */
static void check_same_reading(const struct outcome *whole, const struct outcome *parts)
{
    if (parts->snap)
        parts->snap->info.detail = memc_snapshot_info(whole->snap).detail;
    check_same_outcome(whole, parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    if (!input_of(data, size, &in))
        return 0;
    struct outcome whole = parse(&in, &in.options);
    /* Whether every line ends in CR LF is asked of whole texts only. */
    if (in.len && !memchr(in.text, '\r', in.len)) {
        struct outcome parts = parse_chunks(&in);
        CHECK(whole.status == parts.status);
        check_same_reading(&whole, &parts);
        memc_snapshot_destroy(parts.snap);
    }
    if (whole.snap)
        check_in_order(whole.snap);
    memc_snapshot_destroy(whole.snap);
    return 0;
}
