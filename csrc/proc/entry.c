#include "proc/entry.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY };

bool entry_is_proc(int root)
{
    struct statfs system;
    return fstatfs(root, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/* Return 0 or the errno that tells why a file is not read. */
static int check(const struct stat *found)
{
    if (S_ISLNK(found->st_mode))
        return ELOOP;
    if (S_ISDIR(found->st_mode))
        return EISDIR;
    if (!S_ISREG(found->st_mode))
        return ENTRY_NOT_REGULAR;
    return found->st_size > ENTRY_MAX_SIZE ? ENTRY_TOO_LARGE : 0;
}

/* Look before the file is opened: to open a device may do something. */
static int open_copy(int directory, const char *name)
{
    struct stat found;
    if (fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    int refused = check(&found);
    int fd = refused ? -1 : openat(directory, name, FLAGS);
    if (fd >= 0 && fstat(fd, &found) == 0)
        refused = check(&found);
    if (!refused)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = refused;
    return -1;
}

int entry_open(int directory, const char *name, bool is_copy)
{
    return is_copy ? open_copy(directory, name) : openat(directory, name, FLAGS);
}
