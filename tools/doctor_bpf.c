/* SPDX-License-Identifier: MIT */
/*
 * Whether a BPF program may be loaded, by loading it.
 */
#include "doctor.h"

#include <errno.h>
#include <string.h>

void check_bpf(struct doctor *doctor)
{
	long unprivileged =
		doctor_number("/proc/sys/kernel/unprivileged_bpf_disabled", -1);
	struct psr_info info;
	const char *cause = NULL;
	int err = doctor_probe(PSR_TRANSPORT_BPF, &info, &cause);

	if (!err) {
		doctor_tell(doctor, VERDICT_OK, "bpf",
			    "the program was loaded");
		return;
	}
	doctor_tell(doctor, VERDICT_WARN, "bpf", "no transport bpf: %s%s",
		    cause ? cause : strerrordesc_np(-err),
		    err == -EPERM && unprivileged > 0
			    ? " (unprivileged_bpf_disabled is set)"
			    : "");
	if (err == -EPERM)
		doctor_mend_capability(doctor);
	else if (err == -EOPNOTSUPP)
		doctor_mend(doctor, "apt-get install clang bpftool libbpf-dev "
				    "# and build psring anew");
}
