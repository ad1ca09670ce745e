/*
 * parser.h - the text of maps and smaps, piece by piece, into a table.
 */
#ifndef MEMC_PARSER_H
#define MEMC_PARSER_H

#include "base/scan.h"
#include "parse/quick.h"
#include "table/table.h"

struct parser {
    struct memc_snapshot *table; /* borrowed */
    struct memc_parse_options options;
    struct memc_error error; /* the bad line, when that is why a call failed */
    const char *line_start;
    uint64_t line;      /* number of the line under way, from 1 */
    size_t next_column; /* smaps repeats its keys in order: guess the next one */
    bool skipping;      /* behind a bad line: wait for the next header */
    bool crlf;          /* every line ends in CR LF, and the CR is dropped */
    bool begun;
    const char *counters; /* where the last header ended, in the text under way */
    struct quick quick;
};

void parser_init(struct parser *p, struct memc_snapshot *table,
                 const struct memc_parse_options *options);

/*
 * Take the whole lines of `text`, and what is behind the last newline too when
 * `last` says that nothing follows.  *used is how many bytes were taken.
 */
enum memc_status parser_feed(struct parser *p, struct scan text, bool last,
                             size_t *used);

#endif
