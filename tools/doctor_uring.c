/* SPDX-License-Identifier: MIT */
/*
 * Whether io_uring is allowed, and what this kernel's can do: each feature is
 * used once, for versions say nothing of what was backported or forbidden.
 */
#include "doctor.h"

#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DISABLED "/proc/sys/kernel/io_uring_disabled"

/* Since Linux 6.12; Debian 12's liburing does not know them. */
#define FEAT_MIN_TIMEOUT (1u << 15)
#define PBUF_RING_INC	 2

#define ENTRIES	     8
#define BUFFER_BYTES 64

/* In the order of the table below. */
enum feature {
	FEATURE_BUFFER_RINGS,
	FEATURE_MULTISHOT,
	FEATURE_DEFER_TASKRUN,
	FEATURE_INCREMENTAL,
	FEATURE_MIN_WAIT,
	FEATURES
};

static const struct {
	const char *name;
	const char *since;
} features[FEATURES] = {
	{ "buffer rings", "5.19" }, { "multishot receives", "6.0" },
	{ "DEFER_TASKRUN", "6.1" }, { "incremental buffers", "6.12" },
	{ "min_wait", "6.12" },
};

/* A ring to try things with, and a group of two buffers. */
struct trial {
	struct io_uring ring;
	struct io_uring_buf_ring *buffers; /* a page */
	char memory[2][BUFFER_BYTES];
	int sockets[2];
};

void check_uring(struct doctor *doctor)
{
	long disabled = doctor_number(DISABLED, 0);
	struct psr_info info;
	const char *cause = NULL;
	int err = doctor_probe(PSR_TRANSPORT_URING, &info, &cause);

	doctor->has_uring = !err;
	if (!err) {
		doctor_tell(doctor, VERDICT_OK, "io_uring", "allowed");
		return;
	}
	doctor_tell(doctor, VERDICT_WARN, "io_uring",
		    "recvmmsg is used instead: %s (io_uring_disabled is %ld)",
		    cause ? cause : strerrordesc_np(-err), disabled);
	if (disabled)
		doctor_mend(doctor, "sysctl -w kernel.io_uring_disabled=0");
	else if (err == -EPERM || err == -EACCES)
		doctor_mend(doctor, "docker run --security-opt "
				    "seccomp=unconfined ... # or a profile "
				    "that allows io_uring_*");
	else if (err == -ENOMEM)
		doctor_mend(doctor, "ulimit -l unlimited");
}

static int trial_register(struct trial *trial, uint16_t bgid, uint16_t flags)
{
	struct io_uring_buf_reg reg = {
		.ring_addr = (uintptr_t)trial->buffers,
		.ring_entries = 2,
		.bgid = bgid,
		.pad = flags,
	};

	return io_uring_register_buf_ring(&trial->ring, &reg, 0);
}

/* One request, two datagrams, and it goes on. */
static int trial_receive(struct trial *trial)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&trial->ring);
	struct io_uring_cqe *cqe;
	struct __kernel_timespec patience = { .tv_sec = 1 };

	for (unsigned short i = 0; i < 2; i++)
		io_uring_buf_ring_add(trial->buffers, trial->memory[i],
				      BUFFER_BYTES, i, 1, i);
	io_uring_buf_ring_advance(trial->buffers, 2);
	io_uring_prep_recv_multishot(sqe, trial->sockets[0], NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	for (int i = 0; i < 2; i++)
		if (send(trial->sockets[1], "", 1, 0) != 1)
			return 0;
	if (io_uring_submit(&trial->ring) != 1)
		return 0;
	for (int i = 0; i < 2; i++) {
		if (io_uring_wait_cqe_timeout(&trial->ring, &cqe, &patience) ||
		    cqe->res != 1 || !(cqe->flags & IORING_CQE_F_MORE))
			return 0;
		io_uring_cqe_seen(&trial->ring, cqe);
	}
	return 1;
}

static int trial_open(struct trial *trial, unsigned int flags)
{
	struct io_uring_params params = { .flags = flags };

	return io_uring_queue_init_params(ENTRIES, &trial->ring, &params);
}

/* Return: bits of enum feature. */
static unsigned int trial_run(struct trial *trial)
{
	const unsigned int defer =
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
	unsigned int found = 0;

	if (!trial_open(trial, defer))
		found |= 1U << FEATURE_DEFER_TASKRUN;
	else if (trial_open(trial, 0))
		return 0;
	if (trial->ring.features & FEAT_MIN_TIMEOUT)
		found |= 1U << FEATURE_MIN_WAIT;
	if (!trial_register(trial, 1, PBUF_RING_INC)) {
		found |= 1U << FEATURE_INCREMENTAL;
		io_uring_unregister_buf_ring(&trial->ring, 1);
	}
	if (!trial_register(trial, 0, 0)) {
		found |= 1U << FEATURE_BUFFER_RINGS;
		if (trial_receive(trial))
			found |= 1U << FEATURE_MULTISHOT;
	}
	io_uring_queue_exit(&trial->ring);
	return found;
}

static unsigned int features_find(void)
{
	struct trial trial = { 0 };
	unsigned int found = 0;

	trial.buffers = aligned_alloc((size_t)sysconf(_SC_PAGESIZE),
				      (size_t)sysconf(_SC_PAGESIZE));
	if (!trial.buffers)
		return 0;
	memset(trial.buffers, 0, (size_t)sysconf(_SC_PAGESIZE));
	if (!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, trial.sockets)) {
		found = trial_run(&trial);
		close(trial.sockets[0]);
		close(trial.sockets[1]);
	}
	free(trial.buffers);
	return found;
}

static void tell_features(struct doctor *doctor, enum verdict verdict,
			  unsigned int found)
{
	char with[256] = "", without[256] = "";

	for (unsigned int i = 0; i < FEATURES; i++) {
		char *text = found & 1U << i ? with : without;
		size_t len = strlen(text);

		if (found & 1U << i)
			snprintf(text + len, sizeof(with) - len, "%s%s",
				 len ? ", " : "", features[i].name);
		else
			snprintf(text + len, sizeof(without) - len,
				 "%s%s (Linux %s)", len ? ", " : "; without ",
				 features[i].name, features[i].since);
	}
	doctor_tell(doctor, verdict, "io_uring", "has %s%s", with, without);
}

void check_uring_features(struct doctor *doctor)
{
	const unsigned int needed =
		1U << FEATURE_BUFFER_RINGS | 1U << FEATURE_MULTISHOT;
	unsigned int found = features_find();
	int suffices = (found & needed) == needed;

	/* check_uring says why there is none; here, what the kernel lacks. */
	if (found && (doctor->has_uring || !suffices))
		tell_features(doctor, suffices ? VERDICT_OK : VERDICT_WARN,
			      found);
}
