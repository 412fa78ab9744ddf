/* SPDX-License-Identifier: MIT */
/*
 * The data socket of one queue, the only place where a sample can be lost.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "filter.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens a netlink socket of @protocol that rejects everything, and sets its
 * receive buffer. @netns_fd: in which network namespace; -1: the caller's.
 */
int socket_open(int netns_fd, int protocol, uint32_t rcvbuf_bytes, int *ret_fd,
		const char **reterr_cause);

/*
 * Has it hear every namespace that has an id in its own, and tell the id beside
 * each datagram: -EPERM without CAP_NET_BROADCAST.
 */
int socket_hear_all_netns(int fd);

/* Makes it a member of @mcgroup: -EPERM without CAP_NET_ADMIN. */
int socket_join(int fd, uint32_t mcgroup);

/* Size of the receive buffer as granted and counted by the kernel. */
uint32_t socket_rcvbuf_bytes(int fd);

/* Puts a BPF program in the place of the filter. */
int socket_attach(int fd, int program_fd);

int socket_accept(int fd, struct filter *filter);
int socket_reject_all(int fd);
int socket_accept_all(int fd);

/* A socket that is good for nothing but being closed. */
int socket_open_fence(int *ret_fd);

/*
 * Returns when no multicast that began before the call is under way. Uses up
 * *@fence_fd, and opens the next one if it can.
 */
int socket_await_multicasts(int *fence_fd);

/* What the kernel says of the receive buffer, in one call. */
struct socket_usage {
	uint32_t drops; /* datagrams without room so far; wraps */
	uint32_t
		used_bytes; /* by those that wait, as the kernel charges them */
};

struct socket_usage socket_usage(int fd);

#endif /* SOCKET_H */
