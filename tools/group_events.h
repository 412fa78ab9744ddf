/* SPDX-License-Identifier: MIT */
/*
 * What psample tells of its groups as they come and go, as libpsample's tool
 * prints it: anybody may hear that.
 */
#ifndef GROUP_EVENTS_H
#define GROUP_EVENTS_H

#include <stdint.h>

/*
 * @ret_fd: a socket, to be closed by the caller
 * Return: 0 or a negative errno; -ENOENT: there is no psample.
 */
int group_events_open(int *ret_fd, const char **reterr_cause);

/*
 * Prints a line for each group that is made or unmade, until @stop_fd is
 * readable; on standard error one where some were lost before.
 * @group: only this one; NULL: all
 * Return: 0 or a negative errno.
 */
int group_events_print(int fd, const uint32_t *group, int stop_fd);

#endif /* GROUP_EVENTS_H */
