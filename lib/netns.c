/* SPDX-License-Identifier: MIT */
/* Sockets in another network namespace: see netns.h. */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>

/* Nothing that is there in place of a namespace may keep the caller waiting. */
int netns_open(const char *path, int *ret_netns_fd, const char **reterr_cause)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		*reterr_cause = "netns: cannot be opened: give the path of a "
				"network namespace, as /run/netns/NAME, that "
				"this user may open";
		return -errno;
	}
	*ret_netns_fd = fd;
	return 0;
}

static int open_socket(int protocol, int *ret_fd, const char **reterr_cause)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	*reterr_cause = "opening a netlink socket";
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

struct errand {
	int netns_fd;
	int protocol;
	int *ret_fd;
	const char **reterr_cause;
	int err;
};

static void *netns_run(void *arg)
{
	struct errand *errand = arg;

	if (setns(errand->netns_fd, CLONE_NEWNET) == 0) {
		errand->err = open_socket(errand->protocol, errand->ret_fd,
					  errand->reterr_cause);
		return NULL;
	}
	errand->err = -errno;
	*errand->reterr_cause =
		errand->err == -EINVAL ? "netns: not a network namespace"
		: errand->err == -EPERM
			? "netns: to enter it needs CAP_SYS_ADMIN (run as root)"
			: "netns: cannot be entered";
	return NULL;
}

int netns_socket(int netns_fd, int protocol, int *ret_fd,
		 const char **reterr_cause)
{
	struct errand errand = { netns_fd, protocol, ret_fd, reterr_cause, 0 };
	pthread_t thread;
	sigset_t all, old;
	int err;

	if (netns_fd < 0)
		return open_socket(protocol, ret_fd, reterr_cause);
	/* The caller's signals are not this thread's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, NULL, netns_run, &errand);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err) {
		*reterr_cause = "starting a thread to enter netns";
		return -err;
	}
	pthread_join(thread, NULL);
	return errand.err;
}
