/* SPDX-License-Identifier: MIT */
/*
 * A program that is executed inherits no descriptor: this one executes itself
 * while engines run, and while psr_groups talks to the kernel; what it is then
 * lists what is open. Of an inherited socket the samples would go on to be
 * queued, and be lost, long after psr_close.
 */
#include "test.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define STANDARD 3u /* input, output, error */

static uint32_t executions;

/* In the program that was executed: says what it finds. */
static int list_open(void)
{
	char target[64];
	ssize_t len;
	int status = 0;

	for (int fd = STANDARD; fd < 1024; fd++) {
		char path[32];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		fprintf(stderr, "inherited: %d, %s\n", fd, target);
		status = 1;
	}
	return status;
}

static void check_exec(const char *what)
{
	int status = -1;
	pid_t pid = fork();

	CHECK(pid >= 0, "fork: errno %d", errno);
	if (pid == 0) {
		execl("/proc/self/exe", "exec", "list", (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0, "%s: status %#x",
	      what, (unsigned int)status);
	executions++;
}

static void check_engine(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_EXEC);
	struct psr *psr;

	config.transport = mode->transport;
	config.queue_count = 2;
	config.ingest_threads = 2 * mode->ingest_threads;
	psr = test_open(&config);
	test_start(psr);
	/* psr_stop opens a socket for the next one. */
	test_stop(psr);
	test_start(psr);
	CHECK(test_count_fds() > STANDARD + 1, "there is nothing to inherit");
	check_exec(test_transport_name(mode->transport));
	psr_close(psr);
}

ssize_t __real_mnl_socket_sendto(const struct mnl_socket *socket,
				 const void *bytes, size_t len);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket,
				 const void *bytes, size_t len);

/* The control socket lives no longer than a call. */
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket,
				 const void *bytes, size_t len)
{
	check_exec("control socket");
	return __real_mnl_socket_sendto(socket, bytes, len);
}

int main(int argc, char **argv)
{
	uint32_t before;

	(void)argv;
	if (argc > 1)
		return list_open();
	/* What whoever started this left open is none of our business. */
	CHECK(close_range(STANDARD, ~0u, 0) == 0, "errno %d", errno);
	for (uint32_t i = 0; i < TEST_MODES; i++)
		check_engine(&test_modes[i]);
	before = executions;
	(void)psr_groups(NULL, 0, NULL);
	CHECK(executions > before, "psr_groups asked nobody");
	printf("%u programs inherited nothing\n", executions);
	return 0;
}
