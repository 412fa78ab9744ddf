/* SPDX-License-Identifier: MIT */
/*
 * Every io_uring call of the library.
 *
 * DEFER_TASKRUN: the kernel does the receives inside the owner's
 * io_uring_enter and nowhere else, many to a call. R_DISABLED: the ring is
 * made by the thread that calls psr_open, and owned by the one that enables
 * it. One task-work run of a multishot receive ends after 32 datagrams, but
 * the kernel goes on until the completions asked for are there
 * (io_uring/io_uring.c: io_run_local_work): so asking for many drains a full
 * socket in one call. With a count of 1 it came back after 33 each time.
 */
#include "uring.h"
#include "envelope.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SUBMISSIONS    64 /* each queue's arm and the bell, then submitted */
#define BELL_USER_DATA COMPLETION_OF_BELL

/* Since Linux 6.12; Debian 12's liburing does not know it. */
#define FEAT_MIN_TIMEOUT (1u << 15)

/* struct io_uring_getevents_arg, whose padding Linux 6.12 gave a name. */
struct wait_argument {
	uint64_t sigmask;
	uint32_t sigmask_bytes;
	uint32_t min_wait_us;
	uint64_t timeout;
};

static_assert(sizeof(struct wait_argument) ==
			      sizeof(struct io_uring_getevents_arg) &&
		      offsetof(struct wait_argument, timeout) ==
			      offsetof(struct io_uring_getevents_arg, ts),
	      "the kernel's layout");

static const char *uring_cause(int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return "io_uring is disabled (sysctl kernel.io_uring_disabled, "
		       "or seccomp)";
	case -ENOSYS:
		return "the kernel is built without io_uring "
		       "(CONFIG_IO_URING), or seccomp hides it";
	case -EINVAL:
		return "the kernel's io_uring is too old: it takes Linux 6.0";
	case -ENOMEM:
		return "io_uring got no memory (ulimit -l)";
	default:
		return "setting up io_uring";
	}
}

/*
 * SINGLE_ISSUER came with multishot receives (6.0), DEFER_TASKRUN after it
 * (6.1): a kernel that refuses the first cannot do the job.
 */
static int uring_set_up(struct io_uring *ring, uint32_t completions)
{
	static const unsigned int running[] = { IORING_SETUP_DEFER_TASKRUN,
						IORING_SETUP_COOP_TASKRUN };
	int err = -EINVAL;

	for (size_t i = 0; err == -EINVAL && i < 2; i++) {
		struct io_uring_params params = {
			.flags = IORING_SETUP_SINGLE_ISSUER |
				 IORING_SETUP_R_DISABLED | IORING_SETUP_CLAMP |
				 IORING_SETUP_CQSIZE | running[i],
			/* io_uring_setup refuses fewer than submissions. */
			.cq_entries = completions > SUBMISSIONS ? completions
								: SUBMISSIONS,
		};

		err = io_uring_queue_init_params(SUBMISSIONS, ring, &params);
	}
	return err;
}

/*
 * A seccomp filter may allow to make a ring and forbid to enter it, which the
 * thread that owns it would find out: too late to fall back. The kernel says
 * EBADFD of a ring that is disabled yet.
 */
static int uring_probe(const struct io_uring *ring)
{
	int err = io_uring_enter((unsigned int)ring->ring_fd, 0, 0, 0, NULL);

	return err == -EBADFD ? 0 : err;
}

int uring_open(struct uring *ret_uring, uint32_t completions,
	       const struct sender *sender, const char **reterr_cause)
{
	int err;

	memset(ret_uring, 0, sizeof(*ret_uring));
	ret_uring->sender = *sender;
	ret_uring->asked_for.msg_namelen = ENVELOPE_NAME_BYTES;
	ret_uring->asked_for.msg_controllen = sizeof(struct control);
	err = uring_set_up(&ret_uring->ring, completions);
	if (!err) {
		err = uring_probe(&ret_uring->ring);
		if (err)
			io_uring_queue_exit(&ret_uring->ring);
	}
	if (err) {
		*reterr_cause = uring_cause(err);
		return err == -EINVAL ? -ENOSYS : err;
	}
	ret_uring->can_min_wait = ret_uring->ring.features & FEAT_MIN_TIMEOUT;
	return 0;
}

int uring_register_files(struct uring *uring, const int *fds, uint32_t count)
{
	return io_uring_register_files(&uring->ring, fds, count);
}

int uring_register_buffers(struct uring *uring, uint16_t queue,
			   const struct buffers *buffers)
{
	struct io_uring_buf_reg reg = {
		.ring_addr = (uintptr_t)buffers->ring,
		.ring_entries = buffers->count,
		.bgid = queue,
	};

	uring->buffers[queue] = buffers;
	return io_uring_register_buf_ring(&uring->ring, &reg, 0);
}

int uring_register_eventfd(struct uring *uring, int fd)
{
	return io_uring_register_eventfd(&uring->ring, fd);
}

/* liburing 2.3 exports no io_uring_enable_rings in Debian 12. */
int uring_enable(struct uring *uring)
{
	long err = syscall(__NR_io_uring_register, uring->ring.ring_fd,
			   IORING_REGISTER_ENABLE_RINGS, NULL, 0);

	return err < 0 ? -errno : 0;
}

static void uring_address(struct io_uring_sqe *sqe, uint64_t user_data)
{
	io_uring_sqe_set_flags(sqe, sqe->flags | IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, user_data);
}

/*
 * What the kernel refuses stays in the submission queue, and goes with the next
 * call: it must not be queued twice.
 */
static int uring_submit(struct uring *uring)
{
	int submitted = io_uring_submit(&uring->ring);

	if (submitted < 0)
		return submitted;
	uring->bell_queued = false;
	memset(uring->queued, 0, sizeof(uring->queued));
	return 0;
}

/*
 * MSG_TRUNC: what is told is the datagram's length, not what fitted. Both kinds
 * of receive are multishot since Linux 6.0, and end in the same ways.
 */
int uring_arm(struct uring *uring, uint16_t queue)
{
	struct io_uring_sqe *sqe;

	if (uring->queued[queue])
		return uring_submit(uring);
	sqe = io_uring_get_sqe(&uring->ring);
	if (!sqe)
		return -EBUSY;
	if (sender_is_told(&uring->sender))
		io_uring_prep_recvmsg_multishot(sqe, queue, &uring->asked_for,
						MSG_TRUNC);
	else
		io_uring_prep_recv_multishot(sqe, queue, NULL, 0, MSG_TRUNC);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = queue;
	uring_address(sqe, queue);
	uring->queued[queue] = true;
	return uring_submit(uring);
}

int uring_arm_bell(struct uring *uring, uint16_t file)
{
	struct io_uring_sqe *sqe;

	if (uring->bell_queued)
		return uring_submit(uring);
	sqe = io_uring_get_sqe(&uring->ring);
	if (!sqe)
		return -EBUSY;
	io_uring_prep_read(sqe, file, &uring->bell_count,
			   sizeof(uring->bell_count), 0);
	uring_address(sqe, BELL_USER_DATA);
	uring->bell_queued = true;
	return uring_submit(uring);
}

int uring_wait(struct uring *uring, const struct uring_wait *wait)
{
	struct __kernel_timespec timeout = {
		.tv_sec = wait->timeout_ns / 1000000000,
		.tv_nsec = wait->timeout_ns % 1000000000,
	};
	struct wait_argument arg = {
		.timeout = (uintptr_t)&timeout,
		.min_wait_us = wait->min_us,
	};
	int err = io_uring_enter2((unsigned int)uring->ring.ring_fd, 0,
				  wait->count,
				  IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
				  (sigset_t *)&arg, sizeof(arg));

	if (err < 0 && err != -ETIME)
		return err;
	return (int)uring_ready(uring);
}

uint32_t uring_ready(const struct uring *uring)
{
	return io_uring_cq_ready(&uring->ring);
}

static struct completion translate(const struct io_uring_cqe *cqe)
{
	struct completion completion = {
		.result = cqe->res,
		.queue = (uint16_t)cqe->user_data,
		.buffer_id = NO_BUFFER,
		.nsid = PSR_NSID_OWN,
		.disarmed = !(cqe->flags & IORING_CQE_F_MORE),
	};

	if (cqe->flags & IORING_CQE_F_BUFFER)
		completion.buffer_id =
			(uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
	return completion;
}

/*
 * Of a receive with an envelope the kernel's result is what it has put into the
 * buffer, envelope and cut message; how long the message was, the envelope says.
 */
static void uring_open_envelope(const struct uring *uring,
				struct completion *completion)
{
	const struct envelope *envelope;
	bool whole;

	if (completion->result < 0 || completion->buffer_id == NO_BUFFER)
		return;
	envelope = (const void *)(buffers_at(uring->buffers[completion->queue],
					     completion->buffer_id) -
				  sizeof(*envelope));
	whole = completion->result >= (int32_t)sizeof(*envelope);
	completion->forged =
		!whole || !sender_is(&uring->sender, &envelope->sender,
				     envelope->lengths.namelen);
	if (whole)
		completion->nsid = control_nsid(&envelope->control,
						envelope->lengths.controllen);
	completion->result = (int32_t)envelope->lengths.payloadlen;
}

uint32_t uring_reap(struct uring *uring, struct completion *ret_completions,
		    uint32_t max)
{
	struct io_uring_cqe *cqe;
	uint32_t count = 0;
	unsigned int head;

	io_uring_for_each_cqe(&uring->ring, head, cqe)
	{
		if (count == max)
			break;
		ret_completions[count++] = translate(cqe);
	}
	io_uring_cq_advance(&uring->ring, count);
	if (sender_is_told(&uring->sender))
		for (uint32_t i = 0; i < count; i++)
			uring_open_envelope(uring, &ret_completions[i]);
	return count;
}

void uring_close(struct uring *uring)
{
	io_uring_queue_exit(&uring->ring);
}
