# cpack makes three Debian packages of what is installed, one of each component:
# lib, dev and tools.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL lib dev tools)
set(CPACK_PACKAGE_CONTACT "The psring authors <authors@psring.invalid>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RESOURCE_FILE_README ${PROJECT_SOURCE_DIR}/README.md)
# What Debian wants of files that cmake --install leaves as they are.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debianize.cmake)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE
	GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SOURCE ${PROJECT_NAME})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

# Named after the SONAME: programs of two SONAMEs then run side by side.
get_target_property(soversion psring-shared SOVERSION)
set(library libpsring${soversion})
set(CPACK_DEBIAN_LIB_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
# CPack knows of no triggers, and calls ldconfig from scripts as well.
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIB_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_BINARY_DIR}/triggers)
# A program needs a library that is no older than its header.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

# pkg-config looks for all that the static library takes, whoever asks.
list(TRANSFORM PSRING_PACKAGES REPLACE "(.*) (>= .*)" "\\1-dev (\\2)"
	OUTPUT_VARIABLE dependencies)
list(PREPEND dependencies "${library} (= ${PROJECT_VERSION})")
list(JOIN dependencies ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libpsring-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME psring)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS iproute2) # psring stress
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS gnuplot-nox) # psring-bench --report

# Without it, the first line of each of these is the package's own summary.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(about
"The kernel samples packets (psample) and multicasts each sample over generic
netlink. psring receives them, decodes them in place, hands them to threads
through lock-free rings, and counts what is lost.
.")
set(CPACK_COMPONENT_LIB_DESCRIPTION
"${PROJECT_DESCRIPTION}
${about}
This is the shared library.")
set(CPACK_COMPONENT_DEV_DESCRIPTION
"${PROJECT_DESCRIPTION} (development)
${about}
This is what programs are built with: header, static library, manual page.")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
"${PROJECT_DESCRIPTION} (tools)
${about}
These are psring, which prints and counts samples, and psring-bench.")
include(CPack)
