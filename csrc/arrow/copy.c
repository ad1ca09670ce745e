/* copy.c - an Arrow stream of columns that belong to no snapshot. */
#include <stdlib.h>
#include <string.h>

#include "arrow/export.h"

static size_t width_of(const char *format)
{
    if (strchr("Llg", format[0]))
        return 8;
    return format[0] == 'C' ? 1 : 4;
}

static enum memc_status copy_strings(const struct memc_strings *from,
                                     struct strpool *ret)
{
    size_t size = from->offsets[from->count];
    if (size > INT32_MAX)
        return MEMC_ERR_LIMIT; /* Arrow's offsets are signed */
    char *bytes = malloc(size + 1);
    uint32_t *offsets = calloc((size_t)from->count + 1, sizeof *offsets);
    if (!bytes || !offsets) {
        free(bytes);
        free(offsets);
        return MEMC_ERR_MEMORY;
    }
    if (size)
        memcpy(bytes, from->bytes, size);
    memcpy(offsets, from->offsets, ((size_t)from->count + 1) * sizeof *offsets);
    *ret = (struct strpool){.bytes = bytes, .offsets = offsets, .count = from->count};
    return MEMC_OK;
}

static void *copy(struct exported *e, const void *bytes, size_t size)
{
    void *copied = block_add(&e->blocks, size, false);
    if (copied && size)
        memcpy(copied, bytes, size);
    return copied;
}

static enum memc_status copy_column(struct exported *e,
                                    const struct memc_arrow_column *from)
{
    enum memc_status st = MEMC_OK;
    struct exported_column c = {.source = FROM_TABLE, .note = from->note};
    c.name = copy(e, from->name, strlen(from->name) + 1);
    c.format = copy(e, from->format, strlen(from->format) + 1);
    if (!c.name || !c.format)
        return MEMC_ERR_MEMORY;
    if (from->strings) {
        c.has_strings = true;
        st = copy_strings(from->strings, &c.strings);
    }
    if (st >= 0)
        st = columns_append(e, c);
    if (st < 0)
        strpool_deinit(&c.strings);
    return st;
}

static enum memc_status copy_values(struct exported *e, size_t width, size_t rows,
                                    const struct memc_arrow_values *from,
                                    struct exported_buffers *ret)
{
    ret->values = copy(e, from->values, rows * width);
    if (!ret->values)
        return MEMC_ERR_MEMORY;
    if (!from->valid)
        return MEMC_OK;
    ret->valid = copy(e, from->valid, (rows + 7) / 8);
    return ret->valid ? MEMC_OK : MEMC_ERR_MEMORY;
}

static enum memc_status copy_batch(struct exported *e,
                                   const struct memc_arrow_batch *from)
{
    enum memc_status st = MEMC_OK;
    struct exported_part *p = &e->parts[e->n_parts++];
    p->rows = from->rows;
    p->buffers = block_add(&e->blocks, e->n_columns * sizeof *p->buffers, false);
    if (!p->buffers)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; st >= 0 && i < e->n_columns; i++)
        st = copy_values(e, width_of(e->columns[i].format), from->rows,
                         &from->columns[i], &p->buffers[i]);
    return st;
}

enum memc_status export_copy(const struct memc_arrow *from, struct exported **ret)
{
    enum memc_status st = MEMC_OK;
    struct exported *e = export_create(from->n_batches);
    if (!e)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; st >= 0 && i < from->n_columns; i++)
        st = copy_column(e, &from->columns[i]);
    for (size_t i = 0; st >= 0 && i < from->n_batches; i++)
        st = copy_batch(e, &from->batches[i]);
    if (st < 0)
        export_unref(e);
    else
        *ret = e;
    return st;
}
