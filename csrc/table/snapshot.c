/* snapshot.c - what a caller may see of a finished table. */
#include <stdio.h>

#include "table/message.h"

struct memc_info memc_snapshot_info(const struct memc_snapshot *snap)
{
    return snap->info;
}

size_t memc_snapshot_rows(const struct memc_snapshot *snap)
{
    return snap->rows;
}

size_t memc_snapshot_columns(const struct memc_snapshot *snap)
{
    return snap->n_shown;
}

struct memc_column memc_snapshot_column(const struct memc_snapshot *snap, size_t i)
{
    const struct column *c = &snap->columns[snap->shown[i]];
    return (struct memc_column){
        .values = c->values,
        .valid = c->valid,
        .name = c->name,
        .width = c->width,
        .unit = c->unit,
    };
}

const void *memc_snapshot_memory(const struct memc_snapshot *snap,
                                 struct memc_place *places, size_t *size)
{
    const char *start = snap->rows ? block_only(snap->blocks, size) : NULL;
    if (!start || *size > UINT32_MAX || snap->n_columns > N_FIELDS)
        return NULL;
    for (size_t i = 0; i < snap->n_shown; i++) {
        const struct column *c = &snap->columns[snap->shown[i]];
        places[i] = (struct memc_place){
            .values = (uint32_t)((const char *)c->values - start),
            .valid = c->valid ? (uint32_t)((const char *)c->valid - start) : 0,
            .field = snap->shown[i],
        };
    }
    return start;
}

size_t memc_snapshot_column_names(const struct memc_snapshot *snap, char *text,
                                  size_t size)
{
    size_t len = 0;
    if (size)
        text[0] = '\0';
    for (size_t i = 0; i < snap->n_shown; i++) {
        size_t used = len < size ? len : size;
        const char *name = snap->columns[snap->shown[i]].name;
        len += (size_t)snprintf(text + used, size - used, "%s%s", i ? "\n" : "", name);
    }
    return len;
}

struct memc_strings memc_snapshot_strings(const struct memc_snapshot *snap)
{
    return (struct memc_strings){
        .bytes = snap->strings.bytes,
        .offsets = snap->strings.offsets,
        .count = snap->strings.count,
    };
}

static const char *const TOTAL_NAMES[N_TOTALS] = {
    [TOTAL_RSS_ANON] = "rss_anon_kb",
    [TOTAL_RSS_FILE] = "rss_file_kb",
    [TOTAL_RSS_SHMEM] = "rss_shmem_kb",
    [TOTAL_HUGETLB] = "hugetlb_kb",
    [TOTAL_SWAP] = "swap_kb",
    [TOTAL_THREADS] = "threads",
    [TOTAL_PEAK_RSS] = "peak_rss_kb",
    [TOTAL_PAGE_TABLES] = "page_tables_kb",
    [TOTAL_LOCKED] = "locked_kb",
    [TOTAL_PEAK_VSIZE] = "peak_vsize_kb",
    [TOTAL_PINNED] = "pinned_kb",
    [TOTAL_DATA] = "data_kb",
    [TOTAL_STACK] = "stack_kb",
    [TOTAL_TEXT] = "text_kb",
    [TOTAL_LIBRARY] = "library_kb",
    [TOTAL_PSS] = "pss_kb",
    [TOTAL_USS] = "uss_kb",
};

struct memc_total memc_snapshot_total(const struct memc_snapshot *snap, size_t i)
{
    if (i >= snap->n_totals)
        return (struct memc_total){NULL, 0, false};
    return (struct memc_total){
        .name = TOTAL_NAMES[i],
        .value = snap->totals[i].value,
        .known = snap->totals[i].known,
    };
}

static const char *const NOTE_CODES[N_NOTES] = {
    [MEMC_NOTE_TORN] = "torn",         [MEMC_NOTE_CUT] = "cut",
    [MEMC_NOTE_BAD_LINE] = "bad_line", [MEMC_NOTE_DENIED] = "denied",
    [MEMC_NOTE_DEGRADED] = "degraded", [MEMC_NOTE_LATE] = "late",
    [MEMC_NOTE_AS_OF] = "as_of",
};

/* Return the code of note `i`; N_NOTES after the last one. */
static size_t note_at(const struct memc_snapshot *snap, size_t i)
{
    size_t code = 0;
    for (; code < N_NOTES; code++) {
        if (snap->notes[code] && i-- == 0)
            break;
    }
    return code;
}

struct memc_note memc_snapshot_note(const struct memc_snapshot *snap, size_t i)
{
    size_t code = note_at(snap, i);
    if (code == N_NOTES)
        return (struct memc_note){NULL, 0};
    return (struct memc_note){NOTE_CODES[code], snap->notes[code]};
}

size_t memc_snapshot_note_text(const struct memc_snapshot *snap, size_t i, char *text,
                               size_t size)
{
    size_t code = note_at(snap, i);
    return code < N_NOTES ? (size_t)message_of_note(snap, code, text, size) : 0;
}
