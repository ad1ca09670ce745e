/*
 * fuzz.h - what the fuzzers share: an input is text, and behind it one byte that
 * says how the text is read.
 *
 * So a seed is a capture with a byte behind it, and what libFuzzer learns of the
 * text holds for every way of reading.
 */
#ifndef MEMC_FUZZ_H
#define MEMC_FUZZ_H

#include "check.h"

struct input {
    const char *text;
    size_t len;
    struct memc_parse_options options;
    unsigned more; /* the other five bits: the target's own */
};

static inline bool input_of(const uint8_t *data, size_t size, struct input *ret)
{
    if (size == 0)
        return false;
    unsigned how = data[size - 1];
    *ret = (struct input){
        .text = (const char *)data,
        .len = size - 1,
        .options =
            {
                .kind = how & 1 ? MEMC_KIND_MAPS : MEMC_KIND_SMAPS,
                .lenient = how & 2,
                .general = how & 4,
            },
        .more = how >> 3,
    };
    return true;
}

/* One reading of the text: a table, or why there is none. */
struct outcome {
    enum memc_status status;
    struct memc_snapshot *snap; /* NULL when status < 0 */
    struct memc_error error;
};

static inline struct outcome parse(const struct input *in,
                                   const struct memc_parse_options *options)
{
    struct outcome o = {.snap = NULL};
    o.status = memc_parse_with_options(in->text, in->len, options, &o.snap, &o.error);
    CHECK((o.status < 0) == (o.snap == NULL));
    CHECK(o.status >= 0 || o.status == o.error.status);
    CHECK(o.status >= 0 || (o.status == MEMC_ERR_FORMAT && !options->lenient));
    return o;
}

static inline void check_same_outcome(const struct outcome *a, const struct outcome *b)
{
    CHECK(a->status == b->status);
    if (a->status < 0)
        check_same_error(&a->error, &b->error);
    else
        check_same(a->snap, b->snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
