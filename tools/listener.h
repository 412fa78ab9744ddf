/* SPDX-License-Identifier: MIT */
/*
 * Sockets that hear psample's samples in this network namespace, and whose they
 * are.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include <stdint.h>

struct listener {
	uint32_t portid;
	uint32_t drops;	       /* the kernel's count of what it lost */
	uint32_t rcvbuf_bytes; /* 0: it does not say */
	unsigned long inode;
	char name[64]; /* "hsflowd, pid 12", or "a process" */
};

/*
 * @ret_listeners: [max]
 * Return: number of listeners: where it is more than @max, the first @max were
 * written; or
 *   -ENOENT  there is no psample
 *   -ERANGE  its group has a number that /proc/net/netlink does not show
 *   or another negative errno
 */
int listeners_find(struct listener *ret_listeners, int max);

#endif /* LISTENER_H */
