/* message.c - the words for errors and notes, in one place. */
#include "table/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/errno_text.h"

#define NEEDS "needs the same user or CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"
#define ROOT ": not a proc file system, or a copy of one"
#define NEEDS_CAP "needs CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"

/* The errors that say nothing of the process or file, and what helps. */
static const char *machine_words(int sys_errno)
{
    switch (sys_errno) {
    case EMFILE:
        return "too many open files: raise ulimit -n";
    case ENFILE:
        return "too many open files on this machine: raise fs.file-max";
    case ENOMEM:
        return "the kernel is out of memory";
    case ENOSYS:
        return "not offered by this kernel, or refused by a sandbox";
    case EIO:
        return "the kernel could not read it (input/output error)";
    default:
        return NULL;
    }
}

static const char *errno_words(const struct memc_error *err)
{
    const char *known = machine_words(err->sys_errno);
    return known ? known : errno_text(err->sys_errno);
}

const char *memc_needs_text(void)
{
    return NEEDS_CAP;
}

#define REFUSED "not permitted (EPERM): a security module or a sandbox refuses it"

static const char *denied_words(enum memc_hint hint, int sys_errno)
{
    if (sys_errno == EPERM && hint != MEMC_HINT_HIDDEN)
        return REFUSED;
    switch (hint) {
    case MEMC_HINT_PRIVILEGED:
        return "permission denied although privileged: a security module or a "
               "sandbox refuses it";
    case MEMC_HINT_UNDUMPABLE:
        return "permission denied although it is the same user: it is not "
               "dumpable; " NEEDS_CAP;
    case MEMC_HINT_HIDDEN:
        return "hidden by the mount option hidepid: needs the same user or "
               "CAP_SYS_PTRACE";
    default:
        return "permission denied: " NEEDS;
    }
}

/* The words for a file of a process. */
static const char *file_words(const struct memc_error *err)
{
    if (err->status == MEMC_ERR_DENIED)
        return denied_words(err->hint, err->sys_errno);
    switch (err->sys_errno) {
    case EPERM:
        return REFUSED;
    case ENOENT:
        return "no such file: an old kernel, or an incomplete copy";
    case ELOOP:
        return "Too many levels of symbolic links: none is followed in a copy of /proc";
    case EMEDIUMTYPE:
        return "not a regular file: nothing else is read from a copy of /proc";
    case EFBIG:
        return "more than 1 GiB, or a line of more than 16 MiB";
    default:
        return errno_words(err);
    }
}

static int process_text(const struct memc_error *err, char *text, size_t size)
{
    if (err->status == MEMC_ERR_GONE) {
        bool ended = err->hint == MEMC_HINT_ENDED;
        return snprintf(text, size, "process %" PRId32 ": %s", err->pid,
                        ended ? "ended while it was read" : "no such process");
    }
    return snprintf(text, size, "process %" PRId32 ": %s: %s", err->pid, err->what,
                    file_words(err));
}

/* Tell whether a folder other than /proc has no process. */
static bool is_empty_folder(const struct memc_error *err)
{
    return err->sys_errno == ENODATA && strcmp(err->what, "/proc") != 0;
}

static int system_text(const struct memc_error *err, char *text, size_t size)
{
    if (err->pid && err->hint != MEMC_HINT_ROOT)
        return process_text(err, text, size);
    const char *help = "";
    if (err->hint == MEMC_HINT_ROOT)
        help =
            is_empty_folder(err) ? ROOT ": name another by --proc or MEMC_PROC" : ROOT;
    return snprintf(text, size, "%s: %s%s", err->what, errno_words(err), help);
}

size_t memc_error_text(const struct memc_error *err, char *text, size_t size)
{
    switch (err->status) {
    case MEMC_ERR_FORMAT:
        return (size_t)snprintf(text, size,
                                "expected %s at line %" PRIu64 ", column %" PRIu64,
                                err->what, err->line, err->column);
    case MEMC_ERR_MEMORY:
        return (size_t)snprintf(text, size, "out of memory");
    case MEMC_ERR_LIMIT:
        return (size_t)snprintf(text, size, "more than 4 GiB of names or 2^32 regions");
    case MEMC_ERR_ARGUMENT:
        return (size_t)snprintf(text, size, "%s", err->what);
    case MEMC_ERR_SYSTEM:
    case MEMC_ERR_DENIED:
    case MEMC_ERR_GONE:
        return (size_t)system_text(err, text, size);
    default:
        return (size_t)snprintf(text, size, "no error");
    }
}

static int bad_line_text(const struct memc_snapshot *snap, char *text, size_t size)
{
    uint64_t count = snap->notes[MEMC_NOTE_BAD_LINE];
    int len = snprintf(text, size, "%" PRIu64 " line%s passed over, the first: ", count,
                       count == 1 ? "" : "s");
    size_t used = (size_t)len < size ? (size_t)len : size;
    return len + (int)memc_error_text(&snap->first_bad, text + used, size - used);
}

static int words_text(const struct memc_snapshot *snap, size_t code, char *text,
                      size_t size)
{
    const struct memc_error *err = &snap->worded[code - FIRST_WORDED].error;
    const char *words = snap->worded[code - FIRST_WORDED].words;
    if (err->status == MEMC_OK)
        return snprintf(text, size, "%s", words);
    return snprintf(text, size, "%s: %s", words, file_words(err));
}

static int degraded_text(const struct memc_snapshot *snap, char *text, size_t size)
{
    if (snap->max_stall_ms == 0)
        return words_text(snap, MEMC_NOTE_DEGRADED, text, size);
    bool totals = snap->info.detail == MEMC_DETAIL_TOTALS;
    return snprintf(text, size,
                    "%s was not read: it may hold up the process for about %" PRIu64
                    " ms, and the budget is %" PRIu64 " ms; this is detail %s",
                    totals ? "smaps_rollup" : "smaps", snap->stall_ms,
                    snap->max_stall_ms, totals ? "totals" : "rss");
}

size_t memc_late_text(uint64_t count, char *text, size_t size)
{
    return (size_t)snprintf(text, size,
                            "%" PRIu64 " sample%s due before this one and left out: "
                            "reading took longer than the interval",
                            count, count == 1 ? " was" : "s were");
}

int message_of_note(const struct memc_snapshot *snap, size_t code, char *text,
                    size_t size)
{
    uint64_t count = snap->notes[code];
    switch (code) {
    case MEMC_NOTE_TORN:
        return snprintf(text, size,
                        "the process changed its regions while it was read: "
                        "%" PRIu64 " region%s replaced or put in order",
                        count, count == 1 ? "" : "s");
    case MEMC_NOTE_CUT:
        return snprintf(text, size,
                        "the process ended or called exec while it was read: "
                        "the list is cut short");
    case MEMC_NOTE_BAD_LINE:
        return bad_line_text(snap, text, size);
    case MEMC_NOTE_DEGRADED:
        return degraded_text(snap, text, size);
    case MEMC_NOTE_LATE:
        return (int)memc_late_text(count, text, size);
    case MEMC_NOTE_AS_OF:
        return snprintf(text, size,
                        "these amounts were read %" PRIu64 " ms before: no thread of "
                        "the process has run since",
                        count);
    default:
        return words_text(snap, code, text, size);
    }
}
