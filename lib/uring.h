/* SPDX-License-Identifier: MIT */
/*
 * Every io_uring call of the library. One ring serves the queues of one
 * ingest; all but uring_open and uring_close belong to the thread that called
 * uring_enable.
 */
#ifndef URING_H
#define URING_H

#include "buffers.h"
#include "psring.h"
#include "transport.h"

#define URING_COMPLETIONS_MAX \
	65536 /* io_uring/io_uring.h: IORING_MAX_CQ_ENTRIES */

struct uring {
	struct io_uring ring;
	const struct buffers *buffers[PSR_QUEUES_MAX]; /* of each queue */
	struct sender sender;
	struct msghdr asked_for;     /* beside the message, the sender */
	uint64_t bell_count;	     /* what the read of the bell returns */
	bool bell_queued;	     /* refused, and goes with the next call */
	bool queued[PSR_QUEUES_MAX]; /* likewise */
	bool can_min_wait;
};

/*
 * Makes a disabled ring of at least @completions entries. Where anything is told
 * of @sender, buffers have room for an envelope.
 * -EPERM: disabled by sysctl or seccomp; -ENOSYS: too old or not built in.
 */
int uring_open(struct uring *ret_uring, uint32_t completions,
	       const struct sender *sender, const char **reterr_cause);

/* Registers sockets and bell, [count + 1] descriptors, as fixed files. */
int uring_register_files(struct uring *uring, const int *fds, uint32_t count);

int uring_register_buffers(struct uring *uring, uint16_t queue,
			   const struct buffers *buffers);

/* Has @fd signalled when there is work for uring_wait. */
int uring_register_eventfd(struct uring *uring, int fd);

/* Makes the caller the owner. -EEXIST: another thread is. */
int uring_enable(struct uring *uring);

/* Starts a multishot receive from the file of @queue into its buffers. */
int uring_arm(struct uring *uring, uint16_t queue);

/* Starts one read of the bell, file @file. */
int uring_arm_bell(struct uring *uring, uint16_t file);

struct uring_wait {
	uint32_t count;	    /* come back with so many completions */
	uint32_t min_us;    /* or after this time with any at all */
	int64_t timeout_ns; /* or after this time with none */
};

/*
 * Enters the kernel: receives happen here. Returns the completions that are
 * ready, or a negative errno: -EINTR after a signal.
 */
int uring_wait(struct uring *uring, const struct uring_wait *wait);

/* The completions that could be taken now. */
uint32_t uring_ready(const struct uring *uring);

/* Takes at most @max completions. No system call. */
uint32_t uring_reap(struct uring *uring, struct completion *ret_completions,
		    uint32_t max);

void uring_close(struct uring *uring);

#endif /* URING_H */
