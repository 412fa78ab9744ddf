# The BPF program of transport bpf, compiled and turned into program.skel.h.
# Without its tools the library is built without that transport, and says so.
set(PSRING_BPF AUTO CACHE STRING
	"Transport bpf: ON, OFF, or AUTO: where clang, bpftool and libbpf are")
set_property(CACHE PSRING_BPF PROPERTY STRINGS AUTO ON OFF)

if(PSRING_BPF)
	find_program(PSRING_CLANG clang)
	find_program(PSRING_BPFTOOL bpftool PATHS /usr/sbin)
	pkg_check_modules(BPF IMPORTED_TARGET libbpf>=1.1)
endif()
if(NOT PSRING_BPF OR NOT PSRING_CLANG OR NOT PSRING_BPFTOOL OR NOT BPF_FOUND)
	set(absent "no transport bpf: that takes clang, bpftool and libbpf-dev")
	if(PSRING_BPF STREQUAL ON)
		message(FATAL_ERROR "${absent}")
	endif()
	message(STATUS "${absent}")
	target_sources(psring-objects PRIVATE program_absent.c)
	target_compile_definitions(psring-objects INTERFACE PSRING_HAS_BPF=0)
	return()
endif()

set(object ${CMAKE_CURRENT_BINARY_DIR}/program.bpf.o)
set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/bpf/program.skel.h)
add_custom_command(OUTPUT ${skeleton}
	# Freestanding: the C library's headers know no such machine.
	COMMAND ${PSRING_CLANG} -target bpf -O2 -g -Wall -Wextra -Werror
		-ffreestanding -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
		-I ${CMAKE_CURRENT_SOURCE_DIR}/include
		-isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
		-MD -MF ${object}.d -MT ${skeleton}
		-c ${CMAKE_CURRENT_SOURCE_DIR}/program.bpf.c -o ${object}
	# Without the debugging information, but with BTF.
	COMMAND ${PSRING_BPFTOOL} gen object ${object}.linked ${object}
	COMMAND ${CMAKE_COMMAND} -E make_directory
		${CMAKE_CURRENT_BINARY_DIR}/bpf
	COMMAND ${CMAKE_COMMAND} -E echo "/* NOLINTBEGIN: generated */"
		> ${skeleton}
	COMMAND ${PSRING_BPFTOOL} gen skeleton ${object}.linked
		name program_bpf >> ${skeleton}
	COMMAND ${CMAKE_COMMAND} -E echo "/* NOLINTEND */" >> ${skeleton}
	DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/program.bpf.c
	DEPFILE ${object}.d
	VERBATIM)
target_sources(psring-objects PRIVATE program.c ${skeleton})
# The compiler's warnings about it are not ours either.
target_include_directories(psring-objects SYSTEM
	PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/bpf)
list(APPEND PSRING_LIBRARIES PkgConfig::BPF)
list(APPEND PSRING_LIBRARY_NAMES ${BPF_LIBRARIES})
list(APPEND PSRING_PACKAGES "libbpf >= 1.1")
set(PSRING_HAS_BPF TRUE PARENT_SCOPE)
# The tests' expectations follow it.
target_compile_definitions(psring-objects INTERFACE PSRING_HAS_BPF=1)
