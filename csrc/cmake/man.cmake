# Make the manual page from the texts of `memc --help`.  This needs Python; the C library
# and the native command do not.  Without Python there is no page.
set(man_dir "${CMAKE_INSTALL_MANDIR}/man1")
if(SKBUILD)
  set(man_dir "${SKBUILD_DATA_DIR}/share/man/man1")
endif()
find_package(Python 3.11 COMPONENTS Interpreter QUIET)
if(NOT Python_Interpreter_FOUND)
  message(STATUS "No Python 3.11 or later: the manual page memc.1 is not made")
  return()
endif()

set(page "${CMAKE_CURRENT_BINARY_DIR}/memc.1")
file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS memc/*.py)
add_custom_command(
  OUTPUT "${page}"
  COMMAND
    "${CMAKE_COMMAND}" -E env "PYTHONPATH=${CMAKE_CURRENT_SOURCE_DIR}"
    "${Python_EXECUTABLE}" -B -m memc.cli.manual.man > "${page}"
  DEPENDS pyproject.toml ${page_sources}
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  VERBATIM)
add_custom_target(memc_man ALL DEPENDS "${page}")
install(FILES "${page}" DESTINATION "${man_dir}" COMPONENT man)
