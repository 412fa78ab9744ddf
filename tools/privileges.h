/* SPDX-License-Identifier: MIT */
/*
 * Give up privileges once the engine is open: what is left to do, reading bytes
 * that came off a network, needs none.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdint.h>
#include <sys/types.h>

/* Whom root becomes. */
struct privileges_user {
	uid_t uid;
	gid_t gid;
	const char *name; /* NULL: nobody was named */
};

/* The kernel's overflowuid, and Debian's "nobody". */
#define PRIVILEGES_NOBODY \
	((struct privileges_user){ .uid = 65534, .gid = 65534 })

/*
 * Before other threads are started: they then have none either.
 * Return: 0, or a negative errno: something is left.
 */
int privileges_drop(const struct privileges_user *user);

/* The same, but for CAP_NET_ADMIN where it is there. */
int privileges_keep_net_admin(const struct privileges_user *user);

/* @capability: CAP_NET_ADMIN and its like, of linux/capability.h */
int privileges_has(uint32_t capability);

#endif /* PRIVILEGES_H */
