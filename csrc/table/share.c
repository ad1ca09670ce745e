/*
 * share.c - snapshots of one process that share what did not change between them.
 *
 *   snapshot -> body -> columns -> | refs | values |   one buffer for each column
 *   snapshot -> body' ------------->       (body' has other columns, too)
 *   snapshot -> body'                      (nothing changed)
 *
 * A snapshot with a body owns no memory of columns itself.  Bodies and buffers are
 * never changed, and are freed with their last user.
 */
#include "table/table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* Arrow asks for it */

struct body {
    atomic_size_t refs;
    struct column *columns;
    size_t n_columns;
    uint32_t *shown;
    struct strpool strings;
};

/* A buffer is known by its bytes; what counts its users is before them. */
static atomic_size_t *buffer_refs(void *bytes)
{
    return (atomic_size_t *)(void *)((char *)bytes - ALIGNMENT);
}

static void *buffer_create(const void *bytes, size_t size)
{
    size_t room = ALIGNMENT + block_aligned(size);
    char *start = aligned_alloc(ALIGNMENT, room);
    if (!start)
        return NULL;
    char *made = start + ALIGNMENT;
    atomic_init(buffer_refs(made), 1);
    memcpy(made, bytes, size);
    memset(made + size, 0, room - ALIGNMENT - size);
    return made;
}

static void *buffer_ref(void *bytes)
{
    atomic_fetch_add_explicit(buffer_refs(bytes), 1, memory_order_relaxed);
    return bytes;
}

static void buffer_unref(void *bytes)
{
    if (!bytes ||
        atomic_fetch_sub_explicit(buffer_refs(bytes), 1, memory_order_acq_rel) != 1)
        return;
    free((char *)bytes - ALIGNMENT);
}

static void drop(struct body *body)
{
    if (!body || atomic_fetch_sub_explicit(&body->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; body->columns && i < body->n_columns; i++) {
        buffer_unref(body->columns[i].values);
        buffer_unref(body->columns[i].valid);
        free(body->columns[i].own_name);
    }
    buffer_unref(body->strings.bytes);
    buffer_unref(body->strings.offsets);
    free(body->columns);
    free(body->shown);
    free(body);
}

/* Return `old` if it has the same bytes. */
static void *if_same(const void *bytes, void *old, size_t size)
{
    return bytes && old && memcmp(bytes, old, size) == 0 ? old : NULL;
}

/* Put `size` bytes into *ret: `same`, which has the same, or a copy.  Nothing stays
 * nothing. */
static bool take(const void *bytes, void *same, size_t size, void **ret)
{
    *ret = NULL;
    if (!bytes)
        return true;
    *ret = same ? buffer_ref(same) : buffer_create(bytes, size);
    return *ret != NULL;
}

static bool take_column(struct body *body, size_t i, const struct memc_snapshot *snap,
                        const struct column *old)
{
    const struct column *from = &snap->columns[i];
    struct column *c = &body->columns[i];
    size_t size = snap->rows * from->width;
    void *same = if_same(from->values, old ? old->values : NULL, size);
    /* Columns with the same values have one memory: many are all 0, and anonymous
     * memory is private and dirty. */
    for (size_t j = 0; j < i && !same; j++) {
        if (body->columns[j].width == from->width)
            same = if_same(from->values, body->columns[j].values, size);
    }
    bool ok = take(from->values, same, size, &c->values);
    void *valid = NULL;
    size = (snap->rows + 7) / 8;
    same = if_same(from->valid, old ? old->valid : NULL, size);
    ok = ok && take(from->valid, same, size, &valid);
    c->valid = valid;
    return ok;
}

static bool take_strings(struct body *body, const struct strpool *from,
                         const struct strpool *old)
{
    struct strpool *to = &body->strings;
    size_t size = (from->count + 1) * sizeof *from->offsets;
    void *same = NULL;
    void *made;
    if (old && old->count == from->count)
        same = if_same(from->offsets, old->offsets, size);
    bool ok = take(from->offsets, same, size, &made);
    to->offsets = made;
    size = from->offsets[from->count];
    same = same ? if_same(from->bytes, old->bytes, size) : NULL;
    made = NULL;
    ok = ok && take(from->bytes, same, size, &made);
    to->bytes = made;
    to->count = from->count;
    return ok;
}

static struct body *create(const struct memc_snapshot *snap)
{
    struct body *body = calloc(1, sizeof *body);
    if (!body)
        return NULL;
    atomic_init(&body->refs, 1);
    body->columns = calloc(snap->n_columns, sizeof *body->columns);
    body->shown = calloc(snap->n_columns, sizeof *body->shown);
    if (!body->columns || !body->shown) {
        drop(body);
        return NULL;
    }
    body->n_columns = snap->n_columns;
    memcpy(body->shown, snap->shown, snap->n_shown * sizeof *body->shown);
    for (size_t i = 0; i < snap->n_columns; i++) {
        body->columns[i] = snap->columns[i];
        body->columns[i].values = NULL;
        body->columns[i].valid = NULL;
        body->columns[i].own_name = NULL; /* until the body has all that it needs */
    }
    return body;
}

/* Tell whether two tables have the same columns, and as many rows. */
static bool is_alike(const struct memc_snapshot *a, const struct memc_snapshot *b)
{
    if (a->rows != b->rows || a->n_columns != b->n_columns || a->n_shown != b->n_shown)
        return false;
    if (memcmp(a->shown, b->shown, a->n_shown * sizeof *a->shown) != 0)
        return false;
    for (size_t i = N_FIELDS; i < a->n_columns; i++) {
        const struct column *one = &a->columns[i];
        const struct column *other = &b->columns[i];
        if (one->unit != other->unit || strcmp(one->name, other->name) != 0)
            return false;
    }
    return true;
}

static bool is_same(const struct body *a, const struct body *b)
{
    for (size_t i = 0; i < a->n_columns; i++) {
        const struct column *one = &a->columns[i];
        const struct column *other = &b->columns[i];
        if (one->values != other->values || one->valid != other->valid)
            return false;
    }
    return a->strings.offsets == b->strings.offsets &&
           a->strings.bytes == b->strings.bytes;
}

/* Free what the snapshot has itself, and let it use the body. */
static void put(struct memc_snapshot *snap, struct body *body, bool is_new)
{
    for (size_t i = 0; i < snap->n_columns; i++) {
        if (is_new)
            body->columns[i].own_name = snap->columns[i].own_name;
        else
            free(snap->columns[i].own_name);
    }
    block_free_all(&snap->blocks);
    strpool_deinit(&snap->strings);
    free(snap->columns);
    free(snap->shown);
    snap->columns = body->columns;
    snap->shown = body->shown;
    snap->strings = body->strings;
    snap->row_cap = snap->rows;
    snap->body = body;
}

void memc_snapshot_share(struct memc_snapshot *snap, const struct memc_snapshot *with)
{
    if (snap->body || snap->original || atomic_load(&snap->refs) != 1)
        return;
    struct body *old = with && is_alike(snap, with) ? with->body : NULL;
    struct body *body = create(snap);
    bool ok = body != NULL;
    for (size_t i = 0; ok && i < snap->n_columns; i++)
        ok = take_column(body, i, snap, old ? &old->columns[i] : NULL);
    struct body *texts = with ? with->body : NULL;
    ok = ok && take_strings(body, &snap->strings, texts ? &texts->strings : NULL);
    if (!ok) { /* no memory: the snapshot keeps its own */
        drop(body);
        return;
    }
    bool is_new = !old || !is_same(body, old);
    if (!is_new) {
        drop(body);
        body = old;
        atomic_fetch_add_explicit(&body->refs, 1, memory_order_relaxed);
    }
    put(snap, body, is_new);
}

struct memc_snapshot *table_ref(struct memc_snapshot *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

struct memc_snapshot *table_again(struct memc_snapshot *t)
{
    struct memc_snapshot *made = malloc(sizeof *made);
    if (!made)
        return NULL;
    /* The count of references, in front, may change meanwhile. */
    const size_t behind = offsetof(struct memc_snapshot, body);
    memcpy((char *)made + behind, (const char *)t + behind, sizeof *t - behind);
    atomic_init(&made->refs, 1);
    made->original = table_ref(t->original ? t->original : t);
    made->kept = NULL;
    made->forget = NULL;
    return made;
}

static void free_columns(struct memc_snapshot *t)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        free(t->columns[i].own_name);
    }
    block_free_all(&t->blocks);
    free(t->columns);
    free(t->shown);
    strpool_deinit(&t->strings);
}

void memc_snapshot_destroy(struct memc_snapshot *snap)
{
    while (snap &&
           atomic_fetch_sub_explicit(&snap->refs, 1, memory_order_acq_rel) == 1) {
        struct memc_snapshot *original = snap->original;
        if (snap->forget)
            snap->forget(snap->kept);
        if (!original && snap->body)
            drop(snap->body);
        else if (!original)
            free_columns(snap);
        free(snap);
        snap = original;
    }
}
