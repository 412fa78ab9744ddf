/* SPDX-License-Identifier: MIT */
/*
 * Under real seccomp filters: one that forbids io_uring as a whole, as Docker's
 * default profile does, one that denies that it exists, as container runtimes
 * do of calls that are newer than their profile, one that forbids only to enter
 * a ring, one that forbids only to register with it, and one that forbids bpf.
 * AUTO falls back and works; what was asked for by name is refused with its
 * cause.
 */
#include "test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAMPLES 1000u

struct ban {
	const char *name;
	uint32_t calls[3];
	uint32_t error;
	enum psr_transport refused;
	const char *cause;
};

/* Each forbidden call fails; never to be taken back. */
static void forbid(const struct ban *ban)
{
	struct sock_filter code[8] = { BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
	struct sock_fprog program = { .len = 1, .filter = code };

	for (uint32_t i = 0; i < 3 && ban->calls[i]; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, ban->calls[i], 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ban->error);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							   SECCOMP_RET_ALLOW);
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "errno %d", errno);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
	      "errno %d", errno);
}

static void check_refused(const struct ban *ban, struct psr_config config)
{
	struct psr *psr = NULL;
	const char *cause = "";
	int err;

	config.transport = ban->refused;
	err = psr_open(&config, &psr, &cause);
	CHECK(err == -(int)ban->error && strstr(cause, ban->cause),
	      "%s: %d, %s", ban->name, err, cause);
	printf("%s: %s\n", ban->name, cause);
}

static void run(const struct ban *ban)
{
	struct test_sender sender = test_sender_open(MCGROUP_SECCOMP);
	struct psr_config config = test_config(MCGROUP_SECCOMP);
	struct psr_info info;
	struct psr *psr;

	config.usersock_portid = sender.portid;
	forbid(ban);
	check_refused(ban, config);
	psr = test_open(&config);
	psr_info(psr, &info);
	CHECK(ban->refused == PSR_TRANSPORT_BPF ||
		      (info.transport == PSR_TRANSPORT_RECVMMSG &&
		       info.fallback),
	      "%s: %s", ban->name, test_transport_name(info.transport));
	test_start(psr);
	test_sender_send(&sender, SAMPLES);
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == SAMPLES, "%s", ban->name);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	static const struct ban bans[] = {
		{ "no io_uring",
		  { SYS_io_uring_setup, SYS_io_uring_enter,
		    SYS_io_uring_register },
		  EPERM,
		  PSR_TRANSPORT_URING,
		  "io_uring is disabled" },
		{ "unknown io_uring",
		  { SYS_io_uring_setup, SYS_io_uring_enter,
		    SYS_io_uring_register },
		  ENOSYS,
		  PSR_TRANSPORT_URING,
		  "seccomp" },
		{ "no io_uring_enter",
		  { SYS_io_uring_enter },
		  EPERM,
		  PSR_TRANSPORT_URING,
		  "io_uring is disabled" },
		{ "no io_uring_register",
		  { SYS_io_uring_register },
		  EPERM,
		  PSR_TRANSPORT_URING,
		  "registering" },
#if PSRING_HAS_BPF
		{ "no bpf",
		  { SYS_bpf },
		  EPERM,
		  PSR_TRANSPORT_BPF,
		  "seccomp filter against bpf" },
#endif
	};
	int status;

	for (size_t i = 0; i < sizeof(bans) / sizeof(bans[0]); i++) {
		pid_t pid = fork();

		CHECK(pid >= 0, "fork: errno %d", errno);
		if (pid == 0) {
			run(&bans[i]);
			fflush(NULL);
			_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid && status == 0, "%s: %#x",
		      bans[i].name, (unsigned int)status);
	}
	return 0;
}
