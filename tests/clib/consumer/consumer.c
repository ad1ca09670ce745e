/* consumer.c - a look at another process: consumer PID */
#include <errno.h>
#include <memc/memc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int fail(const struct memc_error *err)
{
    char text[512];
    memc_error_text(err, text, sizeof text);
    fprintf(stderr, "consumer: %s\n", text);
    return 1;
}

/* A memc_write_fn: takes the next bytes of a document; 0, or an errno to stop. */
static int print(void *file, const char *bytes, size_t len)
{
    return fwrite(bytes, 1, len, file) == len ? 0 : EIO;
}

/* Every field of every region, as JSON. */
static int show(int32_t pid)
{
    struct memc_options options = {.detail = MEMC_DETAIL_SMAPS};
    struct memc_snapshot *snap;
    struct memc_error err;
    if (memc_collect(pid, &options, &snap, &err) < 0)
        return fail(&err);
    int failed = memc_snapshot_json(snap, NULL, print, stdout, &err) < 0;
    memc_snapshot_destroy(snap);
    printf("\n");
    return failed ? fail(&err) : 0;
}

/* Sampling is a loop: there is nothing to set up, and nothing to stop. */
static int watch(int32_t pid, int samples)
{
    struct timespec interval = {.tv_nsec = 10 * 1000 * 1000};
    for (int i = 0; i < samples; i++) {
        struct memc_snapshot *snap;
        struct memc_error err;
        if (memc_collect(pid, NULL, &snap, &err) < 0)
            return fail(&err);
        struct memc_info info = memc_snapshot_info(snap);
        printf("%llu kB resident, %llu regions\n",
               (unsigned long long)info.total_rss_kb, (unsigned long long)info.rows);
        memc_snapshot_destroy(snap);
        nanosleep(&interval, NULL);
    }
    return 0;
}

/* Text that was kept is read as strictly as it is wanted. */
static void complain(void)
{
    const char *text = "00400000-00401000 r-xp 00000000 08:02 17 /bin/cat\n"
                       "Rss: many kB\n";
    struct memc_snapshot *snap;
    struct memc_error err;
    if (memc_parse(text, strlen(text), &snap, &err) < 0)
        fail(&err);
    else
        memc_snapshot_destroy(snap);
}

int main(int argc, char **argv)
{
    int32_t pid = argc > 1 ? atoi(argv[1]) : 0;
    printf("memc %s\n", MEMC_VERSION_STRING);
    complain();
    return show(pid) || watch(pid, 3);
}
