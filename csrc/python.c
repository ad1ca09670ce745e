/*
 * python.c - hand the command over to memc-py, the Python command beside this file.
 *
 * Installers write the path of their Python into the first line of memc-py:
 *
 *     #!/usr/bin/python3.11
 */
#include "python.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"

/* Run a script by an interpreter, with a flag before it unless that is NULL. */
static void run_by(char *python, char *flag, char *script, char **argv)
{
    size_t n = 0;
    while (argv[n])
        n++;
    char **words = (char **)calloc(n + 3, sizeof *words);
    if (!words)
        return;
    char **word = words;
    *word++ = python;
    if (flag)
        *word++ = flag;
    *word++ = script;
    for (size_t i = 1; i < n; i++)
        *word++ = argv[i];
    execv(python, words);
    free((void *)words);
}

/* Tell whether a command ends soon and needs what lies beside memc, and no more. */
static bool is_short(const char *word)
{
    static const char *const SHORT[] = {"show", "diff", "check", "machine"};
    for (size_t i = 0; word && i < sizeof SHORT / sizeof *SHORT; i++) {
        if (strcmp(word, SHORT[i]) == 0)
            return true;
    }
    return false;
}

/* Run memc-py by the Python in its first line, but without the search for packages
 * (-S), which takes 2 ms, and without the folder of memc-py among theirs (-P).
 * memc/cli/late.py makes the search if it is needed after all. */
static void run_quickly(char *script, char **argv)
{
    static char FLAGS[] = "-SP";
    char line[PATH_MAX];
    int fd = open(script, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t len = read(fd, line, sizeof line - 1);
    close(fd);
    if (len < 3 || memcmp(line, "#!/", 3) != 0)
        return;
    line[len] = '\0';
    char *end = line + strcspn(line, " \t\r\n");
    bool is_whole = *end == '\n'; /* no flag follows it */
    *end = '\0';
    const char *name = strrchr(line, '/') + 1;
    if (!is_whole || strncmp(name, "python", strlen("python")) != 0)
        return;
    /* Python calls many functions of its library once.  To look for each at its first
     * call takes half a millisecond more than to look for all at once (ld.so(8)). */
    (void)setenv("LD_BIND_NOW", "1", 0); /* NOLINT(concurrency-mt-unsafe) */
    run_by(line + 2, FLAGS, script, argv);
}

/* Run memc-py by the Python beside it, as in a virtual environment: the first line of a
 * script cannot name an interpreter whose path has a blank or is long. */
static void run_by_name(char *path, size_t folder, char **argv)
{
    static const char PYTHON[] = "python3";
    char python[PATH_MAX + sizeof PYTHON];
    memcpy(python, path, folder);
    memcpy(python + folder, PYTHON, sizeof PYTHON);
    run_by(python, NULL, path, argv);
}

int run_python(char **argv)
{
    static const char SIBLING[] = "memc-py";
    char path[PATH_MAX + sizeof SIBLING];
    /* What led here may be a link. */
    ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
    if (len < 0) /* no /proc: argv tells all that is known */
        len = snprintf(path, PATH_MAX, "%s", argv[0]);
    if (len > PATH_MAX)
        len = 0;
    while (len > 0 && path[len - 1] != '/')
        len--;
    memcpy(path + len, SIBLING, sizeof SIBLING);
    if (argv[0] && is_short(argv[1]))
        run_quickly(path, argv);
    /* NOLINTNEXTLINE(clang-analyzer-optin.taint.GenericTaint): our own arguments */
    execv(path, argv);
    int failed = errno;
    /* A blank cuts the path, and what is then named is not there; a path that is too
     * long is refused (load_script() in fs/binfmt_script.c). */
    if ((failed == ENOENT || failed == ENOEXEC) && access(path, F_OK) == 0)
        run_by_name(path, (size_t)len, argv);
    (void)fprintf(
        stderr,
        "memc: %s: %s: without the Python package only 'memc PID' and 'memc --all' "
        "work, with the options that choose what is read and its form\n",
        path, errno_text(failed));
    return 1;
}
