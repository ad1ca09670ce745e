#include "proc/rights.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38 /* Linux 5.8 */
#endif

bool rights_are_enough(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    uint64_t effective = (uint64_t)data[1].effective << 32 | data[0].effective;
    uint64_t wanted = (uint64_t)1 << CAP_PERFMON | (uint64_t)1 << CAP_SYS_PTRACE |
                      (uint64_t)1 << CAP_SYS_ADMIN;
    return (effective & wanted) != 0;
}
