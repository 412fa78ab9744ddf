/* SPDX-License-Identifier: MIT */
/*
 * A small process that keeps CAP_NET_ADMIN and does one thing with it: it makes
 * a socket that it is handed a member of a multicast group, again after psample
 * was unloaded and loaded. So the process that reads samples needs no privilege.
 */
#ifndef JOINER_H
#define JOINER_H

#include "privileges.h"

#include <stdint.h>

struct joiner;

/*
 * Before any thread is started and any socket open: the child shall have none.
 * It becomes @user, and ends when this process does.
 * Return: 0 or a negative errno.
 */
int joiner_open(const struct privileges_user *user, struct joiner **ret_joiner);

/*
 * psr_config.join. @context: the joiner
 * Return: 0 or a negative errno: -EPERM if it lacks CAP_NET_ADMIN, -EPIPE if it
 * is gone or does not answer.
 */
int joiner_join(void *context, int fd, uint32_t mcgroup);

/* @joiner: may be NULL */
void joiner_close(struct joiner *joiner);

#endif /* JOINER_H */
