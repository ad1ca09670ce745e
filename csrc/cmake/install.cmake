# What `cmake --install` puts where: headers, static library, CMake package, memc.pc
# and the native command.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/memc")
install(TARGETS memc RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS memc_lib EXPORT memcTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES csrc/include/memc/arrow.h csrc/include/memc/memc.h csrc/include/memc/memc_api.h
              "${CMAKE_CURRENT_BINARY_DIR}/include/memc/memc_version.h"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/memc")
install(EXPORT memcTargets NAMESPACE memc:: DESTINATION "${package_dir}")

configure_package_config_file(csrc/cmake/memcConfig.cmake.in memcConfig.cmake
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(memcConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/memcConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/memcConfigVersion.cmake"
        DESTINATION "${package_dir}")

# The prefix of `cmake --install` is not known here: memc.pc derives it from its own place.
file(RELATIVE_PATH prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(csrc/cmake/memc.pc.in memc.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/memc.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
