/* memc.h - the C and C++ view of the API: see memc_api.h for the declarations. */
#ifndef MEMC_H
#define MEMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memc/memc_version.h"

#ifdef __cplusplus
extern "C" {
#endif

#include "memc/memc_api.h"

#ifdef __cplusplus
}
#endif

#endif
