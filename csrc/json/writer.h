/*
 * writer.h - JSON in pieces: a buffer that a callback empties, and the values.
 *
 * The text is what orjson writes for the same data: two blanks for each level when
 * pretty, otherwise no blanks; strings are UTF-8, with the short escapes.  After a
 * write has failed, nothing more is written; json_finish() tells about the failure.
 */
#ifndef MEMC_WRITER_H
#define MEMC_WRITER_H

#include "memc/memc.h"

enum { JSON_SIZE = 64 * 1024, KEY_SIZE = 352 };

struct json {
    memc_write_fn write;
    void *context;
    int failed; /* the errno that `write` returned */
    bool pretty;
    size_t used;
    char bytes[JSON_SIZE];
};

struct json *json_create(memc_write_fn write, void *context, bool pretty);
void json_destroy(struct json *j);

/* Write what is left in the buffer. */
enum memc_status json_finish(struct json *j, struct memc_error *err);

/* Write the buffer and empty it. */
void json_flush(struct json *j);

static inline char *json_room(struct json *j, size_t len)
{
    if (JSON_SIZE - j->used < len)
        json_flush(j);
    return j->bytes + j->used;
}

static inline void json_char(struct json *j, char c)
{
    *json_room(j, 1) = c;
    j->used++;
}

void json_raw(struct json *j, const char *bytes, size_t len);
void json_literal(struct json *j, const char *text);

/* Write a newline and `depth` levels of blanks, when pretty. */
void json_line(struct json *j, unsigned depth);

/* Write `"key":`, on a line of its own when pretty, after a comma unless it is the
 * first. */
void json_key(struct json *j, unsigned depth, bool first, const char *key);

/* Make the same text, at most KEY_SIZE bytes.  The key has at most 256. */
size_t json_key_text(char *ret, bool pretty, unsigned depth, bool first,
                     const char *key);

void json_number(struct json *j, uint64_t value);

void json_hex(struct json *j, uint64_t value);

/* Write a quoted string.  Bytes that are not UTF-8 become U+FFFD, as in Python's
 * bytes.decode("utf-8", "replace"). */
void json_string(struct json *j, const char *bytes, size_t len);

/* Write the bytes as quoted lower-case hex digits. */
void json_bytes_hex(struct json *j, const char *bytes, size_t len);

/* ---- a key that is not the first, and its value -------------------------- */

static inline void json_pair(struct json *j, unsigned depth, const char *key,
                             uint64_t value)
{
    json_key(j, depth, false, key);
    json_number(j, value);
}

/* Write null unless the number is known. */
static inline void json_known_pair(struct json *j, unsigned depth, const char *key,
                                   uint64_t value, bool known)
{
    json_key(j, depth, false, key);
    if (known)
        json_number(j, value);
    else
        json_literal(j, "null");
}

/* Write null if `bytes` is NULL. */
static inline void json_text_pair(struct json *j, unsigned depth, const char *key,
                                  const char *bytes, size_t len)
{
    json_key(j, depth, false, key);
    if (bytes)
        json_string(j, bytes, len);
    else
        json_literal(j, "null");
}

#endif
