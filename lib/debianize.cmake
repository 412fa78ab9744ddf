# Run by cpack between installing and packing: each package gets its copyright
# and changelog, and nothing in it is larger than Debian wants it.

# The changelog is what the README says of this version.
file(READ ${CPACK_RESOURCE_FILE_README} readme)
string(REPLACE "." "\\." version ${CPACK_PACKAGE_VERSION})
if(NOT readme MATCHES "\n- ${version}: ([^\n]+(\n  [^\n]+)*)")
	message(FATAL_ERROR "README.md has no changes of ${CPACK_PACKAGE_VERSION}")
endif()
execute_process(COMMAND echo "${CMAKE_MATCH_1}" COMMAND fmt -w 72
	OUTPUT_VARIABLE changes COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\n +" "\n    " changes "${changes}")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(CONCAT changelog
	"${CPACK_DEBIAN_PACKAGE_SOURCE} (${CPACK_PACKAGE_VERSION}) unstable; "
	"urgency=medium\n\n  * ${changes}\n"
	" -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")

foreach(component ${CPACK_COMPONENTS_ALL})
	string(TOUPPER ${component} name)
	string(CONCAT prefix ${CPACK_TEMPORARY_DIRECTORY}/${component}
		${CPACK_PACKAGING_INSTALL_PREFIX})
	set(doc ${prefix}/share/doc/${CPACK_DEBIAN_${name}_PACKAGE_NAME})
	configure_file(${CPACK_RESOURCE_FILE_LICENSE} ${doc}/copyright COPYONLY)
	file(WRITE ${doc}/changelog "${changelog}")
	# Where Debian's zsh looks, which is not where zsh does.
	if(EXISTS ${prefix}/share/zsh/site-functions)
		file(RENAME ${prefix}/share/zsh/site-functions
			${prefix}/share/zsh/vendor-completions)
	endif()
	file(GLOB pages ${prefix}/share/man/man*/*)
	execute_process(COMMAND gzip -9n ${doc}/changelog ${pages}
		COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# Strip what CPACK_STRIP_FILES leaves alone.
file(GLOB_RECURSE archives ${CPACK_TEMPORARY_DIRECTORY}/*.a)
execute_process(COMMAND strip --strip-debug --remove-section=.comment
	--enable-deterministic-archives ${archives}
	COMMAND_ERROR_IS_FATAL ANY)
