/*
 * regions.c - a process with a given number of regions, for the benchmarks to read.
 *
 *   regions COUNT [FILE...]
 *
 * Regions of four pages, two of them touched, side by side and readable or writable
 * by turns so that the kernel cannot merge them: private memory, or, where files
 * are named, their beginnings by turns.  COUNT is what maps shows in the end,
 * the program's own included.
 *
 * Prints "ready" and waits until its standard input ends.  At each byte of this, the
 * regions that may be written get a third page or lose it, and it prints "done".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signal.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 4, TOUCHED = 2, SIZE = PAGES * PAGE };

static size_t count_regions(void)
{
    char text[PAGE];
    size_t lines = 0;
    ssize_t n;
    int fd = open("/proc/self/maps", O_RDONLY);
    while ((n = read(fd, text, sizeof text)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            lines += text[i] == '\n';
    }
    close(fd);
    return lines;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int protection(size_t i)
{
    return i % 2 ? PROT_READ : PROT_READ | PROT_WRITE;
}

static char *reserve(size_t count)
{
    /* Without huge pages, which would touch more than was asked for; the flag also
     * keeps the kernel from merging a region with what lies beside it. */
    char *base = mmap(NULL, count * SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || madvise(base, count * SIZE, MADV_NOHUGEPAGE) != 0)
        fail("regions: mmap");
    return base;
}

static void map_memory(char *base, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *at = base + i * SIZE;
        for (size_t page = 0; page < TOUCHED; page++)
            at[page * PAGE] = 1;
        if (mprotect(at, SIZE, protection(i)) != 0)
            fail("regions: mprotect");
    }
}

static void map_files(char *base, size_t count, char **files, size_t n_files)
{
    for (size_t i = 0; i < count; i++) {
        const char *file = files[i % n_files];
        int fd = open(file, O_RDONLY);
        const volatile char *at =
            mmap(base + i * SIZE, SIZE, protection(i), MAP_PRIVATE | MAP_FIXED, fd, 0);
        if (fd < 0 || at == MAP_FAILED)
            fail(file);
        for (size_t page = 0; page < TOUCHED; page++)
            (void)at[page * PAGE];
        close(fd);
    }
}

/* Touch one page more of each region that may be written, or give it back. */
static void change(char *base, size_t count, int touch)
{
    for (size_t i = 0; i < count; i++) {
        char *at = base + i * SIZE + TOUCHED * PAGE;
        if (!(protection(i) & PROT_WRITE))
            continue;
        if (touch)
            *at = 1;
        else if (madvise(at, PAGE, MADV_DONTNEED) != 0)
            fail("regions: madvise");
    }
}

int main(int argc, char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    size_t own = count_regions();
    size_t wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (wanted <= own) {
        (void)fprintf(stderr, "regions: COUNT must be over %zu\n", own);
        return 2;
    }
    char *base = reserve(wanted - own);
    if (argc > 2)
        map_files(base, wanted - own, argv + 2, (size_t)argc - 2);
    else
        map_memory(base, wanted - own);
    (void)!write(STDOUT_FILENO, "ready\n", 6);
    int touch = 0;
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
        change(base, wanted - own, touch = !touch);
        (void)!write(STDOUT_FILENO, "done\n", 5);
    }
    return 0;
}
