/* buffer.c - struct memc_buffer: bytes that grow. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memc/memc.h"

enum { FIRST_SIZE = 64 * 1024 };

int memc_write_buffer(void *context, const char *bytes, size_t len)
{
    struct memc_buffer *b = context;
    if (b->capacity - b->len < len) {
        size_t capacity = b->capacity ? b->capacity : FIRST_SIZE;
        while (capacity - b->len < len)
            capacity *= 2;
        char *grown = realloc(b->bytes, capacity);
        if (!grown)
            return ENOMEM;
        b->bytes = grown;
        b->capacity = capacity;
    }
    if (len)
        memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
    return 0;
}

void memc_buffer_deinit(struct memc_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct memc_buffer){0};
}
