/* SPDX-License-Identifier: MIT */
/*
 * Real netlink multicast without psample: NETLINK_USERSOCK. A group belongs to
 * a network namespace, so a test in a namespace of its own hears only itself,
 * whatever runs beside it. It takes root, as joining a group does.
 */
#ifndef MULTICAST_H
#define MULTICAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MULTICAST_GROUP 23

/* Moves the calling thread, and what it starts, into a new namespace. */
void multicast_isolate(void);

int multicast_open_sender(void);

/* Sends one datagram to MULTICAST_GROUP; 0 or a negative errno. */
int multicast_try_send(int fd, const void *bytes, size_t len);

/* The same, asserted. */
void multicast_send(int fd, const void *bytes, size_t len);

/* The Drops column of /proc/net/netlink for the socket @fd. */
uint64_t multicast_proc_drops(int fd);

#endif /* MULTICAST_H */
