/*
 * fields.h - THE list of columns: kernel key, our name, width, unit.
 *
 * The columns of a maps line come first.  The fields of smaps follow, in the order in
 * which show_smap() in fs/proc/task_mmu.c prints them.  The last are those that the
 * page tables tell; hugetlb_kb is also the sum of two fields of smaps.  A column
 * without a key is not printed by smaps under a key. `Size` repeats the addresses: its
 * line must be well formed, its number is not used, and size_kb is computed from the
 * addresses.
 */
#ifndef MEMC_FIELDS_H
#define MEMC_FIELDS_H

#include "memc/memc.h"

/* X(id, key, name, width, unit) */
#define MEMC_FIELDS(X)                                                                 \
    X(START, "", "start", 8, ADDRESS)                                                  \
    X(END, "", "end", 8, ADDRESS)                                                      \
    X(PERM, "", "perm", 1, PERM)                                                       \
    X(OFFSET, "", "offset", 8, ADDRESS)                                                \
    X(DEV_MAJOR, "", "dev_major", 4, NUMBER)                                           \
    X(DEV_MINOR, "", "dev_minor", 4, NUMBER)                                           \
    X(INODE, "", "inode", 8, NUMBER)                                                   \
    X(PATHNAME, "", "pathname", 4, STRING)                                             \
    X(TYPE, "", "type", 1, TYPE)                                                       \
    X(SIZE_KB, "Size", "size_kb", 8, KB)                                               \
    X(KERNEL_PAGE_SIZE_KB, "KernelPageSize", "kernel_page_size_kb", 8, KB)             \
    X(MMU_PAGE_SIZE_KB, "MMUPageSize", "mmu_page_size_kb", 8, KB)                      \
    X(RSS_KB, "Rss", "rss_kb", 8, KB)                                                  \
    X(PSS_KB, "Pss", "pss_kb", 8, KB)                                                  \
    X(PSS_DIRTY_KB, "Pss_Dirty", "pss_dirty_kb", 8, KB)                                \
    X(SHARED_CLEAN_KB, "Shared_Clean", "shared_clean_kb", 8, KB)                       \
    X(SHARED_DIRTY_KB, "Shared_Dirty", "shared_dirty_kb", 8, KB)                       \
    X(PRIVATE_CLEAN_KB, "Private_Clean", "private_clean_kb", 8, KB)                    \
    X(PRIVATE_DIRTY_KB, "Private_Dirty", "private_dirty_kb", 8, KB)                    \
    X(REFERENCED_KB, "Referenced", "referenced_kb", 8, KB)                             \
    X(ANONYMOUS_KB, "Anonymous", "anonymous_kb", 8, KB)                                \
    X(KSM_KB, "KSM", "ksm_kb", 8, KB)                                                  \
    X(LAZY_FREE_KB, "LazyFree", "lazy_free_kb", 8, KB)                                 \
    X(ANON_HUGE_PAGES_KB, "AnonHugePages", "anon_huge_pages_kb", 8, KB)                \
    X(SHMEM_PMD_MAPPED_KB, "ShmemPmdMapped", "shmem_pmd_mapped_kb", 8, KB)             \
    X(FILE_PMD_MAPPED_KB, "FilePmdMapped", "file_pmd_mapped_kb", 8, KB)                \
    X(SHARED_HUGETLB_KB, "Shared_Hugetlb", "shared_hugetlb_kb", 8, KB)                 \
    X(PRIVATE_HUGETLB_KB, "Private_Hugetlb", "private_hugetlb_kb", 8, KB)              \
    X(SWAP_KB, "Swap", "swap_kb", 8, KB)                                               \
    X(SWAP_PSS_KB, "SwapPss", "swap_pss_kb", 8, KB)                                    \
    X(LOCKED_KB, "Locked", "locked_kb", 8, KB)                                         \
    X(THP_ELIGIBLE, "THPeligible", "thp_eligible", 8, NUMBER)                          \
    X(PROTECTION_KEY, "ProtectionKey", "protection_key", 8, NUMBER)                    \
    X(VM_FLAGS, "VmFlags", "vm_flags", 4, FLAGS)                                       \
    X(USS_KB, "", "uss_kb", 8, KB)                                                     \
    X(FILE_KB, "", "file_kb", 8, KB)                                                   \
    X(HUGETLB_KB, "", "hugetlb_kb", 8, KB)

enum {
#define X(id, key, name, width, unit) COL_##id,
    MEMC_FIELDS(X)
#undef X
        N_FIELDS,
};

enum { FIRST_SMAPS = COL_SIZE_KB + 1, END_SMAPS = COL_VM_FLAGS + 1 };

/* The bits of the column `perm`. */
enum {
    PERM_READ = 1,
    PERM_WRITE = 2,
    PERM_EXECUTE = 4,
    PERM_SHARED = 8,
    PERM_PRIVATE = 16,
};

/* Write the four letters of these bits, such as "r-xp". */
static inline void perm_letters(uint64_t perm, char *ret)
{
    ret[0] = perm & PERM_READ ? 'r' : '-';
    ret[1] = perm & PERM_WRITE ? 'w' : '-';
    ret[2] = perm & PERM_EXECUTE ? 'x' : '-';
    ret[3] = perm & PERM_SHARED ? 's' : '-';
    if (perm & PERM_PRIVATE)
        ret[3] = 'p';
}

struct field {
    const char *key;
    const char *name;
    uint32_t key_len;
    uint32_t width;
    enum memc_unit unit;
};

extern const struct field FIELDS[N_FIELDS];

/* Return the field that smaps prints under this key; N_FIELDS if memc knows none.
 * `guess` is tried first, because smaps prints its keys in the same order each time. */
size_t field_find(size_t guess, const char *key, size_t len);

/*
 * Write the column name of a key that is not in the list, with a final NUL: an
 * underscore before each capital that follows a small letter or digit, all in lower
 * case, and "_kb" if the kernel printed kB.  False if the name does not fit or has
 * another meaning, or if the key has anything but letters, digits and underscores.
 */
bool field_unknown_name(const char *key, size_t len, bool kb, char *ret, size_t size);

#endif
