/* SPDX-License-Identifier: MIT */
/*
 * What the files of the synthetic source share: the source, and its senders, each
 * a socket and a thread.
 *
 *	synthetic.c		the source: opened, started, stopped, counted
 *	synthetic_socket.c	its sockets
 *	synthetic_sender.c	its threads: claim, wait, stamp, send, count
 *	synthetic_pace.c	which samples are whose, and when
 */
#ifndef SYNTHETIC_SENDER_H
#define SYNTHETIC_SENDER_H

#include "synthetic.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#define BATCH_MAX 64

/* One thread. Its counters have one writer, itself. */
struct sender {
	struct synthetic *synthetic;
	_Atomic(uint64_t) *sent; /* [group_count] */
	uint8_t *messages;	 /* BATCH_MAX times message_stride */
	struct iovec vectors[BATCH_MAX];
	struct mmsghdr batch[BATCH_MAX];
	union {
		struct sockaddr_nl multicast;
		struct sockaddr_ll interface;
	} address;
	int fd;
	int started;
	pthread_t thread;
	uint64_t cpu_before_ns;	  /* of threads before this one */
	_Atomic(uint64_t) cpu_ns; /* 0 until the thread ends */
};

struct synthetic {
	struct synthetic_config config;
	uint32_t portid;
	uint32_t message_stride;
	uint64_t start_ns;
	uint64_t start_real_ns; /* the same moment by CLOCK_REALTIME */
	int done_fd;
	_Atomic(uint64_t) claimed; /* numbers handed out */
	_Atomic(uint32_t) running; /* threads */
	_Atomic(int) stopping;
	_Atomic(int) error; /* of the first thread that gave up */
	struct sender senders[SYNTHETIC_SENDERS_MAX];
};

/* A run of sample numbers. */
struct claim {
	uint64_t first;
	uint32_t count;
};

static inline int synthetic_is_stopping(struct synthetic *synthetic)
{
	return atomic_load_explicit(&synthetic->stopping, memory_order_relaxed);
}

/* Its socket and address; the first one is the source's port. */
int sender_open_socket(struct sender *sender);

int sender_open(struct sender *sender, struct synthetic *synthetic);
/* @cpu: to be pinned to; -1: none */
int sender_start(struct sender *sender, int cpu);
void sender_stop(struct sender *sender);
uint64_t sender_cpu_ns(const struct sender *sender);
void sender_close(struct sender *sender);

/* How long after the start a sample is due. */
uint64_t pace_due_ns(const struct synthetic *synthetic, uint64_t number);
/* The next samples of a thread; none after the last. */
struct claim pace_claim(struct synthetic *synthetic);
/* Returns when they are due, or the threads shall end. */
void pace_wait(struct synthetic *synthetic, struct claim claim);

#endif /* SYNTHETIC_SENDER_H */
