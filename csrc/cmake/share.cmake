# Make what is installed under share/ from the texts of `memc --help`: the manual pages.
# This needs Python; the C library and the native command do not.  Without Python there
# are none.
set(man_dir "${CMAKE_INSTALL_MANDIR}")
if(SKBUILD)
  set(man_dir "${SKBUILD_DATA_DIR}/share/man")
endif()
find_package(Python 3.11 COMPONENTS Interpreter QUIET)
if(NOT Python_Interpreter_FOUND)
  message(STATUS "No Python 3.11 or later: no manual pages are made")
  return()
endif()

set(share "${CMAKE_CURRENT_BINARY_DIR}/share")
file(GLOB_RECURSE share_sources CONFIGURE_DEPENDS memc/*.py)
add_custom_command(
  OUTPUT "${share}.tar"
  COMMAND
    "${CMAKE_COMMAND}" -E env "PYTHONPATH=${CMAKE_CURRENT_SOURCE_DIR}"
    "${Python_EXECUTABLE}" -B -m memc.cli.share > "${share}.tar"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${share}"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${share}"
  COMMAND "${CMAKE_COMMAND}" -E chdir "${share}"
          "${CMAKE_COMMAND}" -E tar xf "${share}.tar"
  DEPENDS pyproject.toml ${share_sources}
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  VERBATIM)
add_custom_target(memc_share ALL DEPENDS "${share}.tar")
install(DIRECTORY "${share}/man/" DESTINATION "${man_dir}" COMPONENT share)
