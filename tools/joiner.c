/* SPDX-License-Identifier: MIT */
/*
 * The process that joins. A request is the number of a group, with the socket
 * beside it (SCM_RIGHTS, unix(7)); the answer is 0 or a negative errno.
 *
 * The socket is handed over for the moment only: psr_stop cannot wait for
 * samples under way while another process holds the engine's descriptors.
 */
#include "joiner.h"

#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who does not answer for so long has been stopped, or is not the joiner. */
#define PATIENCE_S 5

struct joiner {
	int fd; /* a SOCK_SEQPACKET pair's end */
	pid_t child;
};

/* The message: a group, and room for a socket beside it. */
struct envelope {
	uint32_t mcgroup;
	struct msghdr message;
	struct iovec vector;
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
};

static void envelope_init(struct envelope *envelope)
{
	memset(envelope, 0, sizeof(*envelope));
	envelope->vector =
		(struct iovec){ &envelope->mcgroup, sizeof(envelope->mcgroup) };
	envelope->message = (struct msghdr){
		.msg_iov = &envelope->vector,
		.msg_iovlen = 1,
		.msg_control = envelope->control,
		.msg_controllen = sizeof(envelope->control),
	};
}

/* Sockets of generic netlink only: whoever asks may have been taken over. */
static int join(int fd, uint32_t mcgroup)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return -errno;
	if (domain != AF_NETLINK || protocol != NETLINK_GENERIC)
		return -EINVAL;
	return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &mcgroup,
			  sizeof(mcgroup)) < 0
		       ? -errno
		       : 0;
}

/* One request. Returns whether there may be more. */
static int serve(int peer)
{
	struct envelope envelope;
	struct cmsghdr *cmsg;
	int fd, answer;

	envelope_init(&envelope);
	if (recvmsg(peer, &envelope.message, MSG_CMSG_CLOEXEC) !=
	    sizeof(envelope.mcgroup))
		return 0;
	cmsg = CMSG_FIRSTHDR(&envelope.message);
	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(fd)))
		return 0;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	answer = join(fd, envelope.mcgroup);
	close(fd);
	return send(peer, &answer, sizeof(answer), MSG_NOSIGNAL) ==
	       sizeof(answer);
}

/*
 * Ctrl-C and Ctrl-Z are for the whole group of processes; this one ends with its
 * parent, which may be told alone to go on.
 */
static _Noreturn void joiner_run(int peer, const struct privileges_user *user)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	prctl(PR_SET_NAME, "psring-joiner");
	if (dup2(peer, STDIN_FILENO) < 0)
		_exit(1);
	/* Output that somebody waits to see the end of is not its to hold. */
	close_range(STDIN_FILENO + 1, ~0U, 0);
	/* What cannot be dropped where there is no such user, is kept. */
	(void)privileges_keep_net_admin(user);
	while (serve(STDIN_FILENO))
		;
	_exit(0);
}

int joiner_open(const struct privileges_user *user, struct joiner **ret_joiner)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct joiner *joiner = malloc(sizeof(*joiner));
	int fds[2], error;

	if (!joiner)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		error = -errno;
		free(joiner);
		return error;
	}
	joiner->fd = fds[0];
	(void)setsockopt(joiner->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	joiner->child = fork();
	if (joiner->child == 0)
		joiner_run(fds[1], user);
	error = -errno;
	close(fds[1]);
	if (joiner->child < 0) {
		close(fds[0]);
		free(joiner);
		return error;
	}
	*ret_joiner = joiner;
	return 0;
}

int joiner_join(void *context, int fd, uint32_t mcgroup)
{
	const struct joiner *joiner = context;
	struct envelope envelope;
	struct cmsghdr *cmsg;
	ssize_t len;
	int answer;

	envelope_init(&envelope);
	envelope.mcgroup = mcgroup;
	cmsg = CMSG_FIRSTHDR(&envelope.message);
	*cmsg = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(fd)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(joiner->fd, &envelope.message, MSG_NOSIGNAL) < 0)
		return -errno;
	/* An answer that is not waited for would be taken for the next one. */
	do
		len = recv(joiner->fd, &answer, sizeof(answer), 0);
	while (len < 0 && errno == EINTR);
	return len == sizeof(answer) ? answer : -EPIPE;
}

void joiner_close(struct joiner *joiner)
{
	if (!joiner)
		return;
	close(joiner->fd);
	/* It would end by itself, unless somebody has stopped it. */
	kill(joiner->child, SIGKILL);
	while (waitpid(joiner->child, NULL, 0) < 0 && errno == EINTR)
		;
	free(joiner);
}
