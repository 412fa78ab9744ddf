/* SPDX-License-Identifier: MIT */
/*
 * Sockets in another network namespace. A socket belongs for life to the
 * namespace of the thread that opened it: so a thread is started that enters the
 * namespace, opens the socket and ends. The caller's never leaves its own, not
 * for a moment, in which what else it does could fail to come back.
 */
#ifndef NETNS_H
#define NETNS_H

/* Opens what psr_config.netns names. */
int netns_open(const char *path, int *ret_netns_fd, const char **reterr_cause);

/* Opens a netlink socket there; @netns_fd -1: in the caller's namespace. */
int netns_socket(int netns_fd, int protocol, int *ret_fd,
		 const char **reterr_cause);

#endif /* NETNS_H */
