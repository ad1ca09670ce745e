/* quick.c - the fast path gives what the general parser gives, notes and all. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    if (!input_of(data, size, &in))
        return 0;
    in.options.general = true;
    struct outcome general = parse(&in, &in.options);
    in.options.general = false;
    struct outcome quick = parse(&in, &in.options);
    check_same_outcome(&general, &quick);
    memc_snapshot_destroy(general.snap);
    memc_snapshot_destroy(quick.snap);
    return 0;
}
