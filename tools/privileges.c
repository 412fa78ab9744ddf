/* SPDX-License-Identifier: MIT */
/*
 * Give up privileges: root becomes nobody, in all threads (glibc sees to it),
 * by which the kernel takes all capabilities. Who has capabilities without
 * being root, or is root of a user namespace that knows no nobody, drops the
 * capabilities of this thread, and thereby of those that it starts; the
 * library's ingest threads keep theirs, for Linux has no call that reaches
 * other threads.
 */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534 /* the kernel's overflowuid; "nobody" on Debian */

static int become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capset, &header, none) ? -errno : 0;
}

int privileges_drop(void)
{
	int error;

	/* No program that this one could start would get them back. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL))
		return -errno;
	/* Securebits may have let nobody keep them: dropped in any case. */
	if (geteuid() == 0 && !become_nobody())
		return drop_capabilities();
	error = drop_capabilities();
	if (error)
		return error;
	return geteuid() == 0 ? -EPERM : 0;
}
