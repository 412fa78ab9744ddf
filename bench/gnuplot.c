/* SPDX-License-Identifier: MIT */
#include "picture.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static int start_gnuplot(const char *dir, pid_t *ret_pid)
{
	/* -d: without the settings of whoever runs this */
	char program[] = "gnuplot", defaults[] = "-d";
	char script[] = PICTURE_SCRIPT;
	char *arguments[] = { program, defaults, script, NULL };
	posix_spawn_file_actions_t actions;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawn_file_actions_addchdir_np(&actions, dir);
	/* It warns of an axis with one value. */
	if (!error)
		error = posix_spawn_file_actions_addopen(
			&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(ret_pid, program, &actions, NULL,
				     arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int pictures_draw(const char *dir, char ret_cause[TEXT_BYTES])
{
	pid_t pid = 0;
	int status = 0;
	int error = start_gnuplot(dir, &pid);

	if (error) {
		snprintf(ret_cause, TEXT_BYTES,
			 "no pictures, as gnuplot does not start: install it "
			 "(Debian: gnuplot-nox), then run there: "
			 "gnuplot " PICTURE_SCRIPT);
		return error;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	snprintf(ret_cause, TEXT_BYTES,
		 "gnuplot failed; to see why, run there: "
		 "gnuplot " PICTURE_SCRIPT);
	return -EIO;
}
