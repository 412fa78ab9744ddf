/* SPDX-License-Identifier: MIT */
/*
 * Give up privileges: root becomes another user, in all threads (glibc sees to it),
 * by which the kernel takes all capabilities. Who has capabilities without
 * being root, or is root of a user namespace that has no such user, drops the
 * capabilities of this thread, and thereby of those that it starts; the
 * library's ingest threads keep theirs, for Linux has no call that reaches
 * other threads.
 */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int become(const struct privileges_user *user)
{
	if (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return -errno;
	return 0;
}

/* All but those of @mask, none of which can be had that is not there. */
static int keep_capabilities(uint32_t mask)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t permitted;

	if (syscall(SYS_capget, &header, data))
		return -errno;
	permitted = data[0].permitted & mask;
	data[0] = (struct __user_cap_data_struct){ .permitted = permitted,
						   .effective = permitted };
	data[1] = (struct __user_cap_data_struct){ 0 };
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static int drop_all_but(uint32_t mask, const struct privileges_user *user)
{
	int error;

	if (prctl(PR_SET_KEEPCAPS, (unsigned long)(mask != 0), 0UL, 0UL, 0UL))
		return -errno;
	/* Securebits may have let nobody keep them: dropped in any case. */
	if (geteuid() == 0 && !become(user))
		return keep_capabilities(mask);
	error = keep_capabilities(mask);
	if (error)
		return error;
	return geteuid() == 0 ? -EPERM : 0;
}

int privileges_has(uint32_t capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return !syscall(SYS_capget, &header, data) &&
	       data[CAP_TO_INDEX(capability)].effective &
		       CAP_TO_MASK(capability);
}

int privileges_drop(const struct privileges_user *user)
{
	return drop_all_but(0, user);
}

int privileges_keep_net_admin(const struct privileges_user *user)
{
	return drop_all_but(1U << CAP_NET_ADMIN, user);
}
