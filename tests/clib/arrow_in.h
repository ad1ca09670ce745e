/*
 * arrow_in.h - a consumer of Arrow C streams that believes nothing.
 *
 * Every buffer is read to its end, every number of a string is looked up, every
 * string of a dictionary must be UTF-8, and no column may have the name of another.
 */
#ifndef MEMC_TEST_ARROW_IN_H
#define MEMC_TEST_ARROW_IN_H

#include "check.h"
#include "memc/arrow.h"
#include "valid_json.h"

static inline bool arrow_has(const struct ArrowArray *a, int64_t row)
{
    const uint8_t *valid = a->buffers[0];
    return !valid || (valid[row / 8] >> row % 8 & 1);
}

static inline uint64_t arrow_value(const struct ArrowSchema *s,
                                   const struct ArrowArray *a, int64_t row)
{
    size_t width = s->format[0] == 'L' ? 8 : s->format[0] == 'C' ? 1 : 4;
    uint64_t value = 0;
    CHECK(strchr("LIiC", s->format[0]) && s->format[1] == '\0');
    memcpy(&value, (const char *)a->buffers[1] + (size_t)row * width, width);
    return value;
}

static inline struct text arrow_string(const struct ArrowArray *strings, uint64_t i)
{
    const int32_t *offsets = strings->buffers[1];
    CHECK(i < (uint64_t)strings->length && offsets[i] <= offsets[i + 1]);
    char *bytes = (char *)(uintptr_t)strings->buffers[2];
    return (struct text){bytes + offsets[i], (size_t)(offsets[i + 1] - offsets[i])};
}

static inline void check_strings_in(const struct ArrowArray *strings)
{
    CHECK(strings && strings->n_buffers == 3 && strings->offset == 0);
    for (int64_t i = 0; i < strings->length; i++) {
        struct text t = arrow_string(strings, (uint64_t)i);
        CHECK(is_valid_utf8(t.bytes, t.len));
    }
}

static inline void check_column_in(const struct ArrowSchema *s,
                                   const struct ArrowArray *a, int64_t rows)
{
    CHECK(a->length == rows && a->offset == 0 && a->n_buffers == 2);
    CHECK(!s->dictionary == !a->dictionary);
    if (a->dictionary)
        check_strings_in(a->dictionary);
    for (int64_t row = 0; row < rows; row++) {
        uint64_t value = arrow_value(s, a, row);
        if (a->dictionary && arrow_has(a, row))
            (void)arrow_string(a->dictionary, value);
    }
}

static inline int32_t arrow_int32(const char **at)
{
    int32_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

/* The value of the key "memc", which is the only one; no bytes if there is none. */
static inline struct text arrow_note(const struct ArrowSchema *s)
{
    const char *at = s->metadata;
    if (!at)
        return (struct text){NULL, 0};
    CHECK(arrow_int32(&at) == 1 && arrow_int32(&at) == 4);
    CHECK(memcmp(at, "memc", 4) == 0);
    at += 4;
    int32_t len = arrow_int32(&at);
    CHECK(len >= 0 && is_valid_utf8(at, (size_t)len));
    return (struct text){(char *)(uintptr_t)at, (size_t)len};
}

static inline void check_schema_in(const struct ArrowSchema *s)
{
    CHECK(strcmp(s->format, "+s") == 0 && !s->metadata);
    for (int64_t i = 0; i < s->n_children; i++) {
        (void)arrow_note(s->children[i]);
        for (int64_t k = 0; k < i; k++)
            CHECK(strcmp(s->children[i]->name, s->children[k]->name) != 0);
    }
}

/* Read a stream to its end and release it; what comes is released in an order that
 * is not the obvious one.  Returns 0, or the errno with which it ended. */
static inline int drain_stream(struct ArrowArrayStream *stream)
{
    struct ArrowSchema schema;
    struct ArrowArray array = {0};
    struct ArrowArray moved = {0}; /* a child that outlives its array */
    int failed = stream->get_schema(stream, &schema);
    CHECK(stream->get_last_error(stream) != NULL);
    if (failed) {
        stream->release(stream);
        return failed;
    }
    check_schema_in(&schema);
    while ((failed = stream->get_next(stream, &array)) == 0 && array.release) {
        CHECK(array.n_children == schema.n_children);
        for (int64_t i = 0; i < array.n_children; i++)
            check_column_in(schema.children[i], array.children[i], array.length);
        if (moved.release)
            moved.release(&moved);
        moved = *array.children[0];
        array.children[0]->release = NULL;
        array.release(&array);
    }
    stream->release(stream);
    if (moved.release) {
        check_column_in(schema.children[0], &moved, moved.length);
        moved.release(&moved);
    }
    schema.release(&schema);
    CHECK(!stream->release && !schema.release);
    return failed;
}

#endif
