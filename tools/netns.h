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

/*
 * The same, of what is at @path as openat has it; what is there in place of a
 * namespace keeps nobody waiting.
 * Return: 0 or a negative errno, told nowhere; -EINVAL: not a network namespace.
 */
int netns_enter_at(int dir_fd, const char *path);

#endif /* NETNS_H */
