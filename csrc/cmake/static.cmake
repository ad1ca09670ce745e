# One file that runs on any Linux of this architecture, without a C library there.
# With CMAKE_C_COMPILER=musl-gcc (Debian: musl-tools) it also finds the names of users
# without loading anything, and is small.
target_link_options(memc PRIVATE -static -Wl,--gc-sections -s)
foreach(target memc_lib memc)
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
endforeach()
if(CMAKE_C_COMPILER MATCHES "musl-gcc$")
  # The headers of the kernel, which musl-gcc does not look for, after musl's own.
  foreach(folder /usr/include /usr/include/${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
    target_compile_options(memc_lib PRIVATE "SHELL:-idirafter ${folder}")
  endforeach()
  # Its ioctl() takes the request as an int.
  target_compile_options(memc_lib PRIVATE -Wno-sign-conversion)
endif()
