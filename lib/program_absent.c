/* SPDX-License-Identifier: MIT */
/* In the place of program.c where the build found no tools for BPF. */
#include "program.h"

#include <errno.h>

int program_load(struct program *ret_program, const struct psr_config *config,
		 uint32_t ring_bytes, const char **reterr_cause)
{
	(void)ret_program;
	(void)config;
	(void)ring_bytes;
	*reterr_cause = "this build has no transport bpf: install clang, "
			"bpftool and libbpf-dev, and build again";
	return -EOPNOTSUPP;
}

void program_unload(struct program *program)
{
	(void)program;
}
