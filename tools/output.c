/* SPDX-License-Identifier: MIT */
/*
 * Standard output. write may take less than it was given, into a pipe or onto
 * a full disk, so a loop under a lock is what keeps lines whole.
 */
#include "output.h"

#include "subcommands.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int output_write_locked(const char *bytes, size_t count)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (count) {
		ssize_t written = write(STDOUT_FILENO, bytes, count);

		if (written >= 0) {
			bytes += written;
			count -= (size_t)written;
		} else if (errno == EAGAIN) {
			/* Somebody else set O_NONBLOCK on what we share. */
			poll(&output, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int output_write(const char *bytes, size_t count)
{
	int error;

	pthread_mutex_lock(&lock);
	error = output_write_locked(bytes, count);
	pthread_mutex_unlock(&lock);
	return error;
}

void output_complain(int error)
{
	static bool is_told;

	if (!is_told)
		fprintf(stderr, "psring: standard output: %s\n",
			strerrordesc_np(error));
	is_told = true;
}

int output_end(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	output_complain(errno);
	return EXIT_FAILED;
}
