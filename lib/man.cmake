# The manual pages of section 3, from the header and a template for each.
find_program(AWK awk REQUIRED)
set(PSRING_MAN3 ${CMAKE_CURRENT_BINARY_DIR}/man/man3)
set(man ${CMAKE_CURRENT_SOURCE_DIR}/man/man.awk)
set(header ${CMAKE_CURRENT_SOURCE_DIR}/include/psring.h)
set(templates psring psr_open psr_start psr_queue psr_view psr_stats psr_groups)
list(TRANSFORM templates PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/man/)
list(TRANSFORM templates APPEND .3.in)
add_custom_command(OUTPUT man3.stamp
	COMMAND ${CMAKE_COMMAND} -E rm -rf ${PSRING_MAN3}
	COMMAND ${CMAKE_COMMAND} -E make_directory ${PSRING_MAN3}
	COMMAND ${AWK} -f ${man} -v header=${header} -v out=${PSRING_MAN3}
		${templates}
	COMMAND ${CMAKE_COMMAND} -E touch man3.stamp
	DEPENDS ${man} ${header} ${templates}
	COMMENT "Writing the manual pages" VERBATIM)
add_custom_target(man ALL DEPENDS man3.stamp)
configure_file(psring-tuning.7 man/man7/psring-tuning.7 COPYONLY)
