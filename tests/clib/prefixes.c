/*
 * prefixes.c - every beginning of a text, at the end of memory: prefixes SIZE FILE...
 *
 * Of each file the first SIZE bytes.  Whatever is read behind the text is a fault. Each
 * beginning is read in each of the eight ways, and the quick way must give what the
 * general one gives.
 */
#include "check.h"

enum { WAYS = 4 };

static struct memc_snapshot *read_it(const char *text, size_t len, unsigned how,
                                     bool general, struct memc_error *err)
{
    struct memc_parse_options options = {
        .kind = how & 1 ? MEMC_KIND_MAPS : MEMC_KIND_SMAPS,
        .lenient = how & 2,
        .general = general,
    };
    struct memc_snapshot *snap = NULL;
    enum memc_status st = memc_parse_with_options(text, len, &options, &snap, err);
    CHECK((st < 0) == !snap);
    CHECK(st >= 0 || (st == MEMC_ERR_FORMAT && !options.lenient));
    return snap;
}

static void check_prefix(const char *text, size_t len, unsigned how)
{
    struct memc_error quick_error;
    struct memc_error general_error;
    struct memc_snapshot *quick = read_it(text, len, how, false, &quick_error);
    struct memc_snapshot *general = read_it(text, len, how, true, &general_error);
    CHECK(!quick == !general);
    if (quick)
        check_same(quick, general);
    else
        check_same_error(&quick_error, &general_error);
    if (quick)
        check_in_order(quick);
    memc_snapshot_destroy(quick);
    memc_snapshot_destroy(general);
}

int main(int argc, char **argv)
{
    CHECK(argc > 2);
    size_t size = strtoul(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++) {
        struct text t = read_file(argv[i]);
        t.len = t.len < size ? t.len : size;
        struct guarded room = guarded_create(t.len);
        for (size_t len = 0; len <= t.len; len++) {
            const char *text = guarded_copy(room, t.bytes, len);
            for (unsigned how = 0; how < WAYS; how++)
                check_prefix(text, len, how);
        }
        printf("%s: %zu beginnings\n", argv[i], t.len + 1);
        guarded_destroy(room);
        free(t.bytes);
    }
    return 0;
}
