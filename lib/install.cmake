# The library as others find it: by pkg-config as psring, by CMake as
# psring::psring and psring::psring_static.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/psring)
set_target_properties(psring-shared PROPERTIES EXPORT_NAME psring)
set_target_properties(psring-archive PROPERTIES EXPORT_NAME psring_static)
install(TARGETS psring-shared psring-archive EXPORT psring
	LIBRARY COMPONENT lib NAMELINK_COMPONENT dev
	ARCHIVE COMPONENT dev
	INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/psring.h
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(DIRECTORY ${PSRING_MAN3}
	DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT dev)
install(FILES psring-tuning.7
	DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT dev)

# The targets are all that the package has to say.
install(EXPORT psring FILE psringConfig.cmake NAMESPACE psring::
	DESTINATION ${package} COMPONENT dev)
# As the SONAME: before 1.0 each minor version may change the interface.
write_basic_package_version_file(psringConfigVersion.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/psringConfigVersion.cmake
	DESTINATION ${package} COMPONENT dev)

# The prefix is put in last: cmake --install may yet change it.
set(PSRING_PC_PREFIX @CMAKE_INSTALL_PREFIX@)
list(JOIN PSRING_PACKAGES ", " PSRING_PC_REQUIRES)
configure_file(psring.pc.in psring.pc.in @ONLY)
install(CODE "configure_file(${CMAKE_CURRENT_BINARY_DIR}/psring.pc.in
	${CMAKE_CURRENT_BINARY_DIR}/psring.pc @ONLY)" COMPONENT dev)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/psring.pc
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
