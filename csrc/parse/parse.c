/* parse.c - memc_parse(): the text of maps or smaps, which the caller holds. */
#include "base/error.h"
#include "parse/parser.h"
#include "table/complete.h"

/* Parse the whole text into `p->table`, and complete the table. */
static enum memc_status parse_all(struct parser *p, const char *text, size_t len)
{
    size_t used;
    struct scan all = {text, len ? text + len : text};
    enum memc_status st = parser_check_crlf(p, all);
    if (st >= 0 && len)
        st = parser_feed(p, all, true, &used);
    if (st >= 0)
        st = complete_table(p->table);
    if (st >= 0 && p->table->n_shown > FIRST_SMAPS)
        p->table->info.detail = MEMC_DETAIL_SMAPS;
    return st;
}

enum memc_status memc_parse_with_options(const char *text, size_t len,
                                         const struct memc_parse_options *options,
                                         struct memc_snapshot **ret,
                                         struct memc_error *err)
{
    static const struct memc_parse_options STRICT = {0};
    struct parser p = {0};
    struct memc_snapshot *table;
    enum memc_status st = table_create(&table);
    if (st >= 0) {
        parser_init(&p, table, options ? options : &STRICT);
        st = parse_all(&p, text, len);
        if (st < 0)
            memc_snapshot_destroy(table);
        else
            *ret = table;
    }
    if (st >= 0)
        return st;
    return st == MEMC_ERR_FORMAT ? error_fill(err, p.error) : error_status(err, st);
}

enum memc_status memc_parse(const char *text, size_t len, struct memc_snapshot **ret,
                            struct memc_error *err)
{
    return memc_parse_with_options(text, len, NULL, ret, err);
}
