# The extension module, made of csrc/include/memc/memc_api.h, which has its types.
from typing import Any

ffi: Any
lib: Any
