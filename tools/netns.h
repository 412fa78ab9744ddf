/* SPDX-License-Identifier: MIT */
/* --netns: all that follows happens in another network namespace. */
#ifndef NETNS_H
#define NETNS_H

/*
 * Has this thread, and those that it will start, enter the namespace @name, of
 * /run/netns as "ip netns" has it, or a path where there is a slash in it.
 * Return: EXIT_DONE, or EXIT_FAILED: told on standard error.
 */
int netns_enter(const char *name);

#endif /* NETNS_H */
