/* SPDX-License-Identifier: MIT */
/* --netns: see netns.h. */
#include "netns.h"

#include "subcommands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int netns_enter(const char *name)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s%s",
			      strchr(name, '/') ? "" : "/run/netns/", name);
	int fd, error;

	if (length >= (int)sizeof(path)) {
		fputs("psring: --netns: too long\n", stderr);
		return EXIT_FAILED;
	}
	/* What is no namespace may keep nobody waiting. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	error = fd < 0 || setns(fd, CLONE_NEWNET) ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (!error)
		return EXIT_DONE;
	fprintf(stderr, "psring: --netns: %s: %s\n", path,
		error == EINVAL ? "not a network namespace"
		: error == EPERM
			? "to enter it needs CAP_SYS_ADMIN (run as root)"
			: strerrordesc_np(error));
	return EXIT_FAILED;
}
