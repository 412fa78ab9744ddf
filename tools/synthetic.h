/* SPDX-License-Identifier: MIT */
/*
 * The synthetic source: psample-shaped messages, multicast by threads of this
 * process over a real NETLINK_USERSOCK group. The kernel's code for broadcast,
 * queueing and loss is the one that psample's samples go through; no module is
 * needed, and every byte of a sample can be checked.
 *
 *	synthetic_config_init -> synthetic_open -> [open the receivers]
 *	-> synthetic_start -> synthetic_wait -> synthetic_stop
 *	-> synthetic_sent -> synthetic_close
 *
 * Samples go round robin over the groups; a group counts its sequence numbers
 * from 0, and the interface follows from the sequence number. With several
 * threads each number is still sent exactly once, but not in order. A stop may
 * leave up to a batch of numbers unsent, which are not counted as sent.
 *
 * With an interface it sends the packets alone, for a kernel that samples them
 * there: a group that is new to psample counts as the source does.
 *
 * Errors: negative errno. One thread at a time, but for what says "any".
 */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include <stdint.h>

#define SYNTHETIC_SIZE_MIN	 42    /* Ethernet, IPv4 and UDP header */
#define SYNTHETIC_SIZE_MAX	 65468 /* makes psample's longest message */
#define SYNTHETIC_GROUPS_MAX	 4096
#define SYNTHETIC_INTERFACES_MAX 65535 /* psample sends 16 bits */
#define SYNTHETIC_SENDERS_MAX	 64
#define SYNTHETIC_RATE_MAX	 1000000000 /* one in a nanosecond */

struct synthetic;

/* What to send. synthetic_config_init sets the defaults named here. */
struct synthetic_config {
	uint64_t count;		  /* samples in all; 0: until stopped */
	uint64_t rate;		  /* samples per second in all; 0: flat out */
	uint32_t usersock_group;  /* 1 to 32: 31 */
	uint32_t size;		  /* bytes of packet in a sample: 128 */
	uint32_t group_count;	  /* sample groups 1 to N: 1 */
	uint32_t interface_count; /* input interfaces 1 to N: 1 */
	uint32_t senders;	  /* threads: 1 */
	uint32_t interface;	  /* ifindex to send packets on; 0: samples */
	int punctual;		  /* 0; else spin, and stamp what was due */
	int cpu;		  /* of the first thread; -1: not pinned */
};

void synthetic_config_init(struct synthetic_config *ret_config);

/*
 * Open the sockets. @reterr_cause: on failure a static string; may be NULL.
 * Needs no privilege, but CAP_NET_RAW for an interface. Return: 0, -EINVAL,
 * -ENOMEM or what the kernel said.
 */
int synthetic_open(const struct synthetic_config *config,
		   struct synthetic **ret_synthetic, const char **reterr_cause);

/*
 * What all messages carry in nlmsg_pid: the port of the first socket. A
 * receiver tells them by it from those of other users of the group. 0 with an
 * interface.
 */
uint32_t synthetic_portid(const struct synthetic *synthetic);

/*
 * Start sending, or go on after synthetic_stop. Return: 0, or -EAGAIN: no
 * thread to be had.
 */
int synthetic_start(struct synthetic *synthetic);

/*
 * Wait until all was sent; -1 waits for ever. Return: 1, 0 on timeout, or the
 * error of a thread that gave up.
 */
int synthetic_wait(struct synthetic *synthetic, int timeout_ms);

/* A descriptor that becomes readable when all was sent, or stopped. Any. */
int synthetic_fd(const struct synthetic *synthetic);

/* Ask the threads to end and join them. May be called again. */
void synthetic_stop(struct synthetic *synthetic);

/* Samples multicast or packets sent so far; exact after stop. Any. */
uint64_t synthetic_sent(const struct synthetic *synthetic);

/* The same of one sample group. */
uint64_t synthetic_sent_group(const struct synthetic *synthetic,
			      uint32_t group);

/* CPU time that the threads have used. */
uint64_t synthetic_cpu_ns(const struct synthetic *synthetic);

/* Stop, and free everything. @synthetic: may be NULL. */
void synthetic_close(struct synthetic *synthetic);

/*
 * Check every byte of a received packet, cut or not. Any.
 * Return: 0, or -EBADMSG: not what sample @group_seq of @group holds.
 */
int synthetic_check(const uint8_t *data, uint32_t data_len, uint32_t orig_size,
		    uint32_t group, uint32_t group_seq);

#endif /* SYNTHETIC_H */
