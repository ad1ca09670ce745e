#include "json/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"

enum { MAX_INDENT = 64 };

static const char DIGITS[] = "0123456789abcdef";

struct json *json_create(memc_write_fn write, void *context, bool pretty)
{
    struct json *j = malloc(sizeof *j);
    if (!j)
        return NULL;
    j->write = write;
    j->context = context;
    j->failed = 0;
    j->pretty = pretty;
    j->used = 0;
    return j;
}

void json_destroy(struct json *j)
{
    free(j);
}

void json_flush(struct json *j)
{
    if (!j->failed && j->used)
        j->failed = j->write(j->context, j->bytes, j->used);
    j->used = 0;
}

enum memc_status json_finish(struct json *j, struct memc_error *err)
{
    json_flush(j);
    if (!j->failed)
        return MEMC_OK;
    struct memc_error error = {
        .status = MEMC_ERR_SYSTEM,
        .sys_errno = j->failed,
        .what = "write",
    };
    return error_fill(err, error);
}

void json_raw(struct json *j, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t room = JSON_SIZE - j->used;
        size_t n = len < room ? len : room;
        memcpy(j->bytes + j->used, bytes, n);
        j->used += n;
        bytes += n;
        len -= n;
        if (len > 0)
            json_flush(j);
    }
}

void json_literal(struct json *j, const char *text)
{
    json_raw(j, text, strlen(text));
}

static size_t line_text(char *ret, unsigned depth)
{
    size_t indent = 2 * (size_t)depth < MAX_INDENT ? 2 * (size_t)depth : MAX_INDENT;
    ret[0] = '\n';
    memset(ret + 1, ' ', indent);
    return 1 + indent;
}

void json_line(struct json *j, unsigned depth)
{
    if (j->pretty)
        j->used += line_text(json_room(j, 1 + MAX_INDENT), depth);
}

size_t json_key_text(char *ret, bool pretty, unsigned depth, bool first,
                     const char *key)
{
    char *p = ret;
    if (!first)
        *p++ = ',';
    if (pretty)
        p += line_text(p, depth);
    *p++ = '"';
    for (const char *k = key; *k; k++)
        *p++ = *k;
    *p++ = '"';
    *p++ = ':';
    if (pretty)
        *p++ = ' ';
    return (size_t)(p - ret);
}

void json_key(struct json *j, unsigned depth, bool first, const char *key)
{
    j->used += json_key_text(json_room(j, KEY_SIZE), j->pretty, depth, first, key);
}

static unsigned count_digits(uint64_t value)
{
    unsigned n = 1;
    for (uint64_t limit = 10; n < 20 && value >= limit; limit *= 10)
        n++;
    return n;
}

void json_number(struct json *j, uint64_t value)
{
    unsigned n = value < 10 ? 1 : count_digits(value);
    char *p = json_room(j, n);
    j->used += n;
    while (n > 0) {
        p[--n] = (char)('0' + value % 10);
        value /= 10;
    }
}

void json_hex(struct json *j, uint64_t value)
{
    unsigned n = (unsigned)(67 - __builtin_clzll(value | 1)) / 4;
    char *p = json_room(j, 20);
    j->used += n + 4;
    p[0] = '"';
    p[1] = '0';
    p[2] = 'x';
    p[3 + n] = '"';
    while (n > 0) {
        p[2 + n--] = DIGITS[value & 15];
        value >>= 4;
    }
}

static void json_hex_byte(struct json *j, unsigned char c)
{
    char *p = json_room(j, 2);
    p[0] = DIGITS[c >> 4];
    p[1] = DIGITS[c & 15];
    j->used += 2;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void escape(struct json *j, unsigned char c)
{
    static const char SHORT[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    char *p = json_room(j, 6);
    for (const char *s = SHORT; *s; s += 2) {
        if ((unsigned char)*s == c) {
            p[0] = '\\';
            p[1] = s[1];
            j->used += 2;
            return;
        }
    }
    json_literal(j, "\\u00");
    json_hex_byte(j, c);
}

void json_string(struct json *j, const char *bytes, size_t len)
{
    json_raw(j, "\"", 1);
    for (size_t i = 0; i < len;) {
        size_t run = i;
        while (run < len && is_plain((unsigned char)bytes[run]))
            run++;
        json_raw(j, bytes + i, run - i);
        i = run;
        if (i == len)
            break;
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80) {
            escape(j, c);
            i++;
            continue;
        }
        bool valid;
        size_t n = utf8_sequence(bytes + i, len - i, &valid);
        if (valid)
            json_raw(j, bytes + i, n);
        else
            json_literal(j, UTF8_REPLACEMENT);
        i += n;
    }
    json_raw(j, "\"", 1);
}

void json_bytes_hex(struct json *j, const char *bytes, size_t len)
{
    json_raw(j, "\"", 1);
    for (size_t i = 0; i < len; i++)
        json_hex_byte(j, (unsigned char)bytes[i]);
    json_raw(j, "\"", 1);
}

/* Wait until a non-blocking file takes more; an errno if that cannot be waited for. */
static int wait_for_room(int fd)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    while (poll(&room, 1, -1) < 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

int memc_write_fd(void *context, const char *bytes, size_t len)
{
    int fd = *(const int *)context;
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return errno;
        if (n < 0) {
            int failed = wait_for_room(fd);
            if (failed)
                return failed;
            continue;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}
