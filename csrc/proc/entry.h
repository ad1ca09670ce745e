/*
 * entry.h - open the files of a process directory.
 *
 * A copy of /proc was made by others: its files may be links, pipes, devices or without
 * end.  Only regular files of a limited size are read from it.  The kernel's own /proc
 * needs no check.
 */
#ifndef MEMC_ENTRY_H
#define MEMC_ENTRY_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    /* The errno of a pipe, a device or a socket; files of /proc never have it. */
    ENTRY_NOT_REGULAR = EMEDIUMTYPE,
    ENTRY_TOO_LARGE = EFBIG,
    ENTRY_MAX_LINE = 16 * 1024 * 1024,
    ENTRY_MAX_SIZE = 1024 * 1024 * 1024,
};

/* Tell whether an open folder belongs to a proc file system. */
bool entry_is_proc(int root);

/* Open a file for reading; return its descriptor, or -1 with errno. */
int entry_open(int directory, const char *name, bool is_copy);

#endif
