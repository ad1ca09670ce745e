# A static command, which starts in a quarter less time: no library is looked for.
#
# ON makes one file that runs on any Linux of this architecture, without a C library
# there.  With CMAKE_C_COMPILER=musl-gcc (Debian: musl-tools) it is small.  AUTO, which
# pip takes, asks whether the C library can be linked so, at an address of the kernel's
# choice; if not, or with sanitizers, the command is as OFF makes it.
if(MEMC_STATIC STREQUAL "AUTO")
  include(CheckCSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fPIE)
  set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
  check_c_source_compiles("int main(void) { return 0; }" MEMC_STATIC_PIE)
  if(MEMC_STATIC_PIE AND NOT MEMC_SANITIZE)
    set(static_link -static-pie)
  endif()
elseif(MEMC_STATIC)
  set(static_link -static)
endif()
if(NOT static_link)
  return()
endif()

target_link_options(memc PRIVATE ${static_link} -Wl,--gc-sections -s)
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
