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
    struct memc_error error; /* the bad line, if the call failed because of one */
    const char *line_start;
    uint64_t line;      /* number of the current line, from 1 */
    size_t next_column; /* a guess: smaps prints its keys in the same order each time */
    bool skipping;      /* after a bad line: skip to the next header */
    bool crlf;          /* every line ends in CR LF; the CR is dropped */
    const char *counters; /* where the last header ended in the current text */
    struct quick quick;
};

void parser_init(struct parser *p, struct memc_snapshot *table,
                 const struct memc_parse_options *options);

/*
 * Judge the whole text before it is parsed: a CR at the end of every line means that
 * the text was changed on its way.  A single name that ends in CR is a name.  Text of a
 * live process is not judged: it comes in parts, and a process chooses the names of the
 * files that it maps.
 */
enum memc_status parser_check_crlf(struct parser *p, struct scan text);

/*
 * Parse the complete lines of `text`.  If `last` is true, nothing follows, and the rest
 * after the last newline is parsed, too.  *used is how many bytes were parsed.
 */
enum memc_status parser_feed(struct parser *p, struct scan text, bool last,
                             size_t *used);

#endif
