#include "wrapped.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

static atomic_size_t calls; /* since wrapped_fail() */
static atomic_size_t failed;
static atomic_long held;
static size_t fail_at;
static bool fail_on;

void wrapped_fail(size_t n, bool on)
{
    calls = 0;
    failed = 0;
    fail_at = n;
    fail_on = on;
}

bool wrapped_stop(void)
{
    fail_at = 0;
    return failed > 0;
}

long wrapped_held(void)
{
    return held;
}

static bool fails(void)
{
    size_t n = atomic_fetch_add(&calls, 1) + 1;
    bool fail = fail_at && (n == fail_at || (fail_on && n > fail_at));
    failed += fail;
    if (fail)
        errno = ENOMEM;
    return fail;
}

static void *hold(void *block)
{
    held += block != NULL;
    return block;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t len);
void __real_free(void *block);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__real_mremap(void *at, size_t old_size, size_t size, int flags, ...);
int __real_munmap(void *at, size_t size);
DIR *__real_fdopendir(int fd);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *context);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : hold(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : hold(__real_calloc(n, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails())
        return NULL;
    held += block == NULL;
    return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : hold(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *s)
{
    return fails() ? NULL : hold(__real_strdup(s));
}

char *__wrap_strndup(const char *s, size_t len)
{
    return fails() ? NULL : hold(__real_strndup(s, len));
}

void __wrap_free(void *block)
{
    held -= block != NULL;
    __real_free(block);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    if (fails())
        return MAP_FAILED;
    held++;
    return __real_mmap(at, size, prot, flags, fd, offset);
}

/* memc gives no fifth argument: it never says where. */
void *__wrap_mremap(void *at, size_t old_size, size_t size, int flags, ...)
{
    return fails() ? MAP_FAILED : __real_mremap(at, old_size, size, flags);
}

int __wrap_munmap(void *at, size_t size)
{
    held--;
    return __real_munmap(at, size);
}

DIR *__wrap_fdopendir(int fd)
{
    return fails() ? NULL : __real_fdopendir(fd);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *context)
{
    return fails() ? EAGAIN : __real_pthread_create(thread, attr, start, context);
}
