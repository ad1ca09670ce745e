#include "proc/again.h"

#include "base/clock.h"

static const uint64_t NS_PER_MS = 1000000;
static const uint64_t MAX_AGE_MS = 5000;

static void forget(void *witness)
{
    witness_unref(witness);
}

/* Tell whether reading would give a snapshot of this kind. */
static bool fits(const struct memc_snapshot *t, int32_t pid,
                 const struct memc_options *o)
{
    return t->info.pid == pid && t->info.detail == o->detail &&
           (!o->identity || t->info.name) && !t->notes[MEMC_NOTE_TORN];
}

static bool is_recent(const struct memc_snapshot *t, uint64_t now_ns,
                      const struct memc_options *o)
{
    uint64_t max_age_ms = o->max_age_ms ? o->max_age_ms : MAX_AGE_MS;
    return (now_ns - t->began_ns) / NS_PER_MS < max_age_ms;
}

static struct memc_snapshot *tell(struct memc_snapshot *t, uint64_t now_ns,
                                  uint64_t bytes)
{
    struct memc_snapshot *made = table_again(t);
    if (!made)
        return NULL;
    struct memc_info *info = &made->info;
    if (!info->as_of_ms)
        info->as_of_ms = info->timestamp_ms;
    info->timestamp_ms = clock_now_ms();
    info->bytes_read = bytes;
    info->longest_read_ns = 0;
    made->notes[MEMC_NOTE_LATE] = 0; /* the caller's */
    made->notes[MEMC_NOTE_AS_OF] = (now_ns - t->began_ns) / NS_PER_MS + 1;
    again_keep(made, witness_ref(t->kept));
    info->cost_ns = clock_now_ns() - now_ns;
    return made;
}

bool again_tell(int32_t pid, const struct memc_options *options,
                struct witness **witness, struct memc_snapshot **ret)
{
    /* Other snapshots may tell this one again: its count of references changes. */
    struct memc_snapshot *t = (struct memc_snapshot *)options->after;
    uint64_t now_ns = clock_now_ns();
    uint64_t bytes = 0;
    *witness = NULL;
    if (!t || !t->kept || !fits(t, pid, options))
        return false;
    enum witness_says says = witness_ask(t->kept, now_ns, &bytes);
    struct memc_snapshot *made = NULL;
    if (says == WITNESS_SAME && is_recent(t, now_ns, options))
        made = tell(t, now_ns, bytes);
    if (made)
        *ret = made;
    else if (says != WITNESS_CHANGED)
        *witness = witness_ref(t->kept);
    return made != NULL;
}

bool again_tell_alone(int32_t pid, const struct memc_options *options,
                      struct memc_snapshot **ret)
{
    const struct memc_snapshot *t = options->after;
    struct witness *witness;
    if (!t || !t->kept || !witness_is_of(t->kept, options->proc))
        return false;
    bool told = again_tell(pid, options, &witness, ret);
    if (told)
        (*ret)->notes[MEMC_NOTE_LATE] = options->late;
    witness_unref(witness);
    return told;
}

void again_keep(struct memc_snapshot *t, struct witness *witness)
{
    t->kept = witness;
    t->forget = witness ? forget : NULL;
}

void again_forget(struct memc_snapshot *t)
{
    witness_unref(t->kept);
    again_keep(t, NULL);
}
