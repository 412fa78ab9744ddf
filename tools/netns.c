/* SPDX-License-Identifier: MIT */
/* --netns: see netns.h. */
#include "netns.h"

#include "plain.h"
#include "subcommands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int netns_enter_at(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path,
			O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int err = fd < 0 || setns(fd, CLONE_NEWNET) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

int netns_enter(const char *name)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s%s",
			      strchr(name, '/') ? "" : "/run/netns/", name);
	int err;

	if (length >= (int)sizeof(path)) {
		fputs("psring: --netns: too long\n", stderr);
		return EXIT_FAILED;
	}
	err = netns_enter_at(AT_FDCWD, path);
	if (!err)
		return EXIT_DONE;
	plain_line(path);
	fprintf(stderr, "psring: --netns: %s: %s\n", path,
		err == -EINVAL ? "not a network namespace"
		: err == -EPERM
			? "to enter it needs CAP_SYS_ADMIN (run as root)"
			: strerrordesc_np(-err));
	return EXIT_FAILED;
}
