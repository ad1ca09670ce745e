/*
 * stream.c - the columns of a snapshot or of a system as an Arrow C stream.
 *
 *   stream ── exported ── tables        each line is a counted reference: what
 *   array ───┘   │                      comes from a stream may outlive it, and
 *     child ─────┘ (and dictionary)     any part of an array may outlive the array
 *
 * A consumer may move a child or a dictionary out of its array, so every node releases
 * itself.  Nothing here knows Python: any thread may release.
 */
#include "memc/arrow.h"

#include <errno.h>
#include <stdlib.h>

#include "arrow/export.h"
#include "base/error.h"

/* How far a stream has come. */
struct cursor {
    struct exported *export;
    size_t next; /* the first part that was not handed out */
};

/* ---- Schema ------------------------------------------------------------ */

struct schema_node {
    struct ArrowSchema schema;
    struct ArrowSchema dictionary;
};

struct schema_tree {
    atomic_size_t refs;
    struct exported *export;    /* it has the names */
    struct schema_node nodes[]; /* one for each column, then the list of children */
};

static void release_schema(struct ArrowSchema *schema)
{
    struct schema_tree *tree = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    }
    if (schema->dictionary && schema->dictionary->release)
        schema->dictionary->release(schema->dictionary);
    schema->release = NULL;
    if (atomic_fetch_sub(&tree->refs, 1) != 1)
        return;
    export_unref(tree->export);
    free(tree);
}

static struct ArrowSchema schema_of(struct schema_tree *tree, const char *format,
                                    const char *name)
{
    atomic_fetch_add(&tree->refs, 1);
    return (struct ArrowSchema){
        .format = format,
        .name = name,
        .flags = ARROW_FLAG_NULLABLE,
        .release = release_schema,
        .private_data = tree,
    };
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    const struct cursor *cursor = stream->private_data;
    struct exported *e = cursor->export;
    size_t n = e->n_columns;
    struct schema_tree *tree = calloc(
        1, sizeof *tree + n * (sizeof *tree->nodes + sizeof(struct ArrowSchema *)));
    if (!tree)
        return ENOMEM;
    tree->export = export_ref(e);
    struct ArrowSchema **children = (struct ArrowSchema **)(void *)&tree->nodes[n];
    for (size_t i = 0; i < n; i++) {
        const struct exported_column *c = &e->columns[i];
        struct schema_node *node = &tree->nodes[i];
        node->schema = schema_of(tree, c->format, c->name);
        node->schema.metadata = c->metadata;
        if (c->has_strings) {
            node->dictionary = schema_of(tree, "u", "");
            node->schema.dictionary = &node->dictionary;
        }
        children[i] = &node->schema;
    }
    *ret = schema_of(tree, "+s", "");
    ret->flags = 0;
    ret->n_children = (int64_t)n;
    ret->children = children;
    return 0;
}

/* ---- Arrays ------------------------------------------------------------ */

struct array_node {
    struct ArrowArray array;
    struct ArrowArray dictionary;
    const void *buffers[2]; /* validity, values */
    const void *strings[3]; /* validity, offsets, bytes */
};

struct array_tree {
    atomic_size_t refs;
    struct exported *export;   /* it has the memory */
    const void *buffers[1];    /* of the whole array: no row is missing */
    struct array_node nodes[]; /* one for each column, then the list of children */
};

static void release_array(struct ArrowArray *array)
{
    struct array_tree *tree = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    }
    if (array->dictionary && array->dictionary->release)
        array->dictionary->release(array->dictionary);
    array->release = NULL;
    if (atomic_fetch_sub(&tree->refs, 1) != 1)
        return;
    export_unref(tree->export);
    free(tree);
}

static struct ArrowArray array_of(struct array_tree *tree, size_t length,
                                  const void **buffers, int64_t n_buffers)
{
    atomic_fetch_add(&tree->refs, 1);
    return (struct ArrowArray){
        .length = (int64_t)length,
        .null_count = buffers[0] ? -1 : 0, /* -1: not counted */
        .n_buffers = n_buffers,
        .buffers = buffers,
        .release = release_array,
        .private_data = tree,
    };
}

static void fill_node(struct array_tree *tree, struct array_node *node,
                      const struct exported_column *c, size_t rows)
{
    node->array = array_of(tree, rows, node->buffers, 2);
    if (!c->has_strings)
        return;
    node->strings[1] = c->strings.offsets + c->first;
    node->strings[2] = c->strings.bytes ? c->strings.bytes : "";
    node->dictionary = array_of(tree, c->strings.count - c->first, node->strings, 3);
    node->array.dictionary = &node->dictionary;
}

static int make_array(struct exported *e, const struct exported_part *part,
                      struct ArrowArray *ret)
{
    size_t n = e->n_columns;
    struct array_tree *tree = calloc(
        1, sizeof *tree + n * (sizeof *tree->nodes + sizeof(struct ArrowArray *)));
    if (!tree)
        return ENOMEM;
    tree->export = export_ref(e);
    struct ArrowArray **children = (struct ArrowArray **)(void *)&tree->nodes[n];
    for (size_t i = 0; i < n; i++) {
        struct array_node *node = &tree->nodes[i];
        node->buffers[0] = part->buffers[i].valid;
        node->buffers[1] = part->buffers[i].values;
        fill_node(tree, node, &e->columns[i], part->rows);
        children[i] = &node->array;
    }
    *ret = array_of(tree, part->rows, tree->buffers, 1);
    ret->n_children = (int64_t)n;
    ret->children = children;
    return 0;
}

/* ---- Stream ------------------------------------------------------------ */

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    struct cursor *cursor = stream->private_data;
    struct exported *e = cursor->export;
    while (cursor->next < e->n_parts && e->parts[cursor->next].rows == 0)
        cursor->next++;
    if (cursor->next < e->n_parts)
        return make_array(e, &e->parts[cursor->next++], ret);
    *ret = (struct ArrowArray){0}; /* released: the end */
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return "out of memory";
}

static void release_stream(struct ArrowArrayStream *stream)
{
    struct cursor *cursor = stream->private_data;
    export_unref(cursor->export);
    free(cursor);
    stream->release = NULL;
}

/* Make a stream of `e`, unless `st` says that there is none.  Takes over the
 * reference. */
static enum memc_status make_stream(enum memc_status st, struct exported *e,
                                    struct ArrowArrayStream *ret,
                                    struct memc_error *err)
{
    if (st < 0)
        return error_status(err, st);
    struct cursor *cursor = malloc(sizeof *cursor);
    if (!cursor) {
        export_unref(e);
        return error_status(err, MEMC_ERR_MEMORY);
    }
    *cursor = (struct cursor){.export = e};
    *ret = (struct ArrowArrayStream){
        get_schema, get_next, get_last_error, release_stream, cursor,
    };
    return MEMC_OK;
}

enum memc_status memc_snapshot_arrow_stream(struct memc_snapshot *snap,
                                            struct ArrowArrayStream *ret,
                                            struct memc_error *err)
{
    struct exported *e = NULL;
    enum memc_status st = export_snapshot(snap, &e);
    return make_stream(st, e, ret, err);
}

enum memc_status memc_system_arrow_stream(const struct memc_system *system,
                                          struct ArrowArrayStream *ret,
                                          struct memc_error *err)
{
    struct exported *e = NULL;
    enum memc_status st = export_system(system, &e);
    return make_stream(st, e, ret, err);
}

enum memc_status memc_arrow_stream(const struct memc_arrow *from,
                                   struct ArrowArrayStream *ret, struct memc_error *err)
{
    struct exported *e = NULL;
    enum memc_status st = export_copy(from, &e);
    return make_stream(st, e, ret, err);
}
