/*
 * crowd.c - processes that live, for a recorder to follow.
 *
 *   crowd COUNT REGIONS [LARGE]
 *
 * COUNT processes of REGIONS regions each, and one of LARGE regions if it is given.  Of
 * twenty processes, 12 do nothing, 4 touch pages and give them back, 2 leak, 1 maps and
 * unmaps, and 1 grows and falls.  The large one touches pages.  After each 10th second
 * one that does nothing is killed, and another begins.
 *
 * Prints "ready".  Each byte on standard input is a second of work; a line "done" says
 * that all have done it.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 16, SIZE = PAGES * PAGE };
enum { KINDS = 20, TOUCHES = 12, LEAKS = 16, MAPS = 18, GROWS = 19 };
enum { MAPPED = 60, HIGH = 4096, STEPS = 20, STATES = 512 };

struct child {
    pid_t pid;
    int in, out;
};

static char *base;
static int regions;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static char *map(size_t pages, int protection)
{
    char *at = mmap(NULL, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || madvise(at, pages * PAGE, MADV_NOHUGEPAGE) != 0)
        fail("crowd: mmap");
    return at;
}

static void touch(char *at, int pages)
{
    for (int page = 0; page < pages; page++)
        at[(size_t)page * PAGE] = 1;
}

/* Regions side by side, executable by turns so that the kernel cannot merge them. */
static void map_regions(int number)
{
    base = map((size_t)regions * PAGES, PROT_READ | PROT_WRITE);
    for (int i = 0; i < regions; i++) {
        char *at = base + (size_t)i * SIZE;
        if (i % 2 && mprotect(at, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
            fail("crowd: mprotect");
        touch(at, 2 + (i + number) % 6);
    }
}

static void touch_some(int number, int second)
{
    static int state[STATES];
    for (int i = 0; i < 3; i++) {
        int region = (second * 7 + i * 31 + number) % regions;
        char *at = base + (size_t)region * SIZE;
        int pages = state[region % STATES] = (state[region % STATES] + 1) % 8;
        if (pages == 0)
            madvise(at, SIZE, MADV_DONTNEED);
        else
            touch(at, pages + 7); /* more than at first */
    }
}

static void leak(int second)
{
    if (second % 3 == 0)
        touch(map(32, PROT_READ | PROT_WRITE | (second % 2 ? PROT_EXEC : 0)), 32);
    char *kept = malloc(20000);
    if (!kept)
        fail("crowd: malloc");
    memset(kept, 1, 20000);
}

static void map_and_unmap(int second)
{
    static char *mapped[MAPPED];
    static int count;
    for (int i = 0; i < 10; i++) {
        if (count < MAPPED) {
            mapped[count] = map(8, PROT_READ | (i % 2 ? PROT_WRITE : 0));
            if (i % 2)
                touch(mapped[count], 1);
            count++;
        } else {
            int at = (second * 13 + i) % count;
            munmap(mapped[at], (size_t)8 * PAGE);
            mapped[at] = mapped[--count];
        }
    }
}

static void grow_and_fall(int second)
{
    static char *high;
    if (!high)
        high = map(HIGH, PROT_READ | PROT_WRITE);
    int step = second % STEPS;
    if (step == STEPS - 1)
        madvise(high, (size_t)HIGH * PAGE, MADV_DONTNEED);
    else
        touch(high + (size_t)step * 200 * PAGE, 200);
}

static void work(int kind, int number, int second)
{
    if (kind == GROWS)
        grow_and_fall(second);
    else if (kind == MAPS)
        map_and_unmap(second);
    else if (kind >= LEAKS)
        leak(second);
    else if (kind >= TOUCHES)
        touch_some(number, second);
}

static void live(int kind, int number, int in, int out)
{
    static const char *const names[] = {"web", "db", "cache", "worker", "batch"};
    char name[16], byte = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(name, sizeof name, "%s-%d", names[number % 5], number);
    prctl(PR_SET_NAME, name);
    map_regions(number);
    for (int second = 0; write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1; second++)
        work(kind, number, second);
    _exit(0);
}

static struct child start(int kind, int number, int count)
{
    int in[2], out[2];
    char byte;
    if (pipe(in) != 0 || pipe(out) != 0)
        fail("crowd: pipe");
    struct child child = {fork(), in[1], out[0]};
    if (child.pid < 0)
        fail("crowd: fork");
    if (child.pid == 0) {
        close(in[1]);
        close(out[0]);
        regions = count;
        live(kind, number, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    if (read(child.out, &byte, 1) != 1)
        fail("crowd: a child does not start");
    return child;
}

static void end(struct child child)
{
    kill(child.pid, SIGKILL);
    close(child.in);
    close(child.out);
    waitpid(child.pid, NULL, 0);
}

static void let_work(const struct child *children, int count)
{
    char byte = 0;
    for (int i = 0; i < count; i++)
        if (write(children[i].in, &byte, 1) != 1)
            fail("crowd: write");
    for (int i = 0; i < count; i++)
        if (read(children[i].out, &byte, 1) != 1)
            fail("crowd: read");
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: crowd COUNT REGIONS [LARGE]\n", stderr);
        return 2;
    }
    int count = atoi(argv[1]), each = atoi(argv[2]);
    int large = argc > 3 ? atoi(argv[3]) : 0, all = count + (large > 0);
    struct child *children = calloc((size_t)all, sizeof *children);
    if (!children)
        fail("crowd: calloc");
    for (int i = 0; i < count; i++)
        children[i] = start(i % KINDS, i, each);
    if (large)
        children[count] = start(TOUCHES, count, large);
    puts("ready");
    fflush(stdout);
    char byte;
    for (int second = 1, next = all; read(STDIN_FILENO, &byte, 1) == 1; second++) {
        let_work(children, all);
        if (second % 10 == 0 && count > TOUCHES) {
            int one = second / 10 * 5 % TOUCHES;
            end(children[one]);
            children[one] = start(0, next++, each);
        }
        puts("done");
        fflush(stdout);
    }
    return 0;
}
