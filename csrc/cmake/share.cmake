# Make what is installed under share/ from the options of memc and their help: manual
# pages, and what completes command lines in bash, zsh and fish.  This needs Python; the C
# library and the native command do not.  Without Python there is nothing of it.
set(man_dir "${CMAKE_INSTALL_MANDIR}")
set(share_dir "${CMAKE_INSTALL_DATADIR}")
if(SKBUILD)
  set(man_dir "${SKBUILD_DATA_DIR}/share/man")
  set(share_dir "${SKBUILD_DATA_DIR}/share")
endif()
find_package(Python 3.11 COMPONENTS Interpreter QUIET)
if(NOT Python_Interpreter_FOUND)
  message(STATUS "No Python 3.11 or later: no manual pages and no completion")
  return()
endif()

set(share "${CMAKE_CURRENT_BINARY_DIR}/share")
file(GLOB_RECURSE share_sources CONFIGURE_DEPENDS memc/*.py memc/cli/completion/shells/*)
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
foreach(shell bash-completion zsh fish)
  install(DIRECTORY "${share}/${shell}" DESTINATION "${share_dir}" COMPONENT share)
endforeach()
