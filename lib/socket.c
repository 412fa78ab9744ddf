/* SPDX-License-Identifier: MIT */
/*
 * The data socket of one queue.
 *
 * The order of set-up matters: the filter stands before the socket is a
 * member, or samples of other queues would be in it already; the receive
 * buffer is large before the first sample comes.
 *
 * NETLINK_NO_ENOBUFS: without it an overrun sets CONGESTED, and everything is
 * dropped until the queue has been drained to the last datagram
 * (net/netlink/af_netlink.c: netlink_overrun, netlink_rcv_wake). With it the
 * socket takes what fits, drops the rest, and counts it either way. It also
 * leaves only one meaning for -ENOBUFS from io_uring: no buffer left.
 */
#include "socket.h"
#include "netns.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_option(int fd, int level, int option, const void *value,
		      socklen_t len)
{
	return setsockopt(fd, level, option, value, len) < 0 ? -errno : 0;
}

static int attach(int fd, struct sock_filter *code, uint16_t length)
{
	struct sock_fprog program = { .len = length, .filter = code };

	return set_option(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program));
}

int socket_attach(int fd, int program_fd)
{
	return set_option(fd, SOL_SOCKET, SO_ATTACH_BPF, &program_fd,
			  sizeof(program_fd));
}

int socket_accept(int fd, struct filter *filter)
{
	return attach(fd, filter->code, filter->length);
}

int socket_reject_all(int fd)
{
	struct sock_filter reject = BPF_STMT(BPF_RET | BPF_K, 0);

	return attach(fd, &reject, 1);
}

int socket_accept_all(int fd)
{
	int ignored = 0;

	return set_option(fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored,
			  sizeof(ignored));
}

int socket_open_fence(int *ret_fd)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/*
 * A sender may have passed the old filter and not yet queued its sample. It
 * does both within netlink_lock_table, and closing a netlink socket waits
 * until nobody is there (net/netlink/af_netlink.c: netlink_broadcast_filtered,
 * netlink_release -> netlink_remove -> netlink_table_grab). The socket for it
 * is opened in advance, so that a process without descriptors can stop.
 */
int socket_await_multicasts(int *fence_fd)
{
	int err = *fence_fd < 0 ? socket_open_fence(fence_fd) : 0;

	if (err)
		return err;
	close(*fence_fd);
	*fence_fd = -1;
	(void)socket_open_fence(fence_fd);
	return 0;
}

/* SO_RCVBUFFORCE needs CAP_NET_ADMIN; SO_RCVBUF is cut to rmem_max. */
static int set_rcvbuf(int fd, uint32_t rcvbuf_bytes)
{
	int bytes = (int)rcvbuf_bytes;

	if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		return 0;
	return set_option(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

uint32_t socket_rcvbuf_bytes(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	(void)getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len);
	return (uint32_t)bytes;
}

static int socket_set_up(int fd, uint32_t rcvbuf_bytes,
			 const char **reterr_cause)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int one = 1;
	int err;

	*reterr_cause = "binding a netlink socket";
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;

	*reterr_cause = "attaching a socket filter";
	err = socket_reject_all(fd);
	if (err)
		return err;

	*reterr_cause = "the kernel refused the receive buffer: ask for less";
	err = set_rcvbuf(fd, rcvbuf_bytes);
	if (err)
		return err;

	*reterr_cause = "setting NETLINK_NO_ENOBUFS";
	return set_option(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one,
			  sizeof(one));
}

int socket_join(int fd, uint32_t mcgroup)
{
	return set_option(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &mcgroup,
			  sizeof(mcgroup));
}

/*
 * The kernel lets the socket hear of another namespace what its opener had
 * CAP_NET_BROADCAST over there for, whatever becomes of its privileges later
 * (net/netlink/af_netlink.c: do_one_broadcast, file_ns_capable).
 */
int socket_hear_all_netns(int fd)
{
	int one = 1;

	return set_option(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &one,
			  sizeof(one));
}

int socket_open(int netns_fd, int protocol, uint32_t rcvbuf_bytes, int *ret_fd,
		const char **reterr_cause)
{
	int fd;
	int err = netns_socket(netns_fd, protocol, &fd, reterr_cause);

	if (err)
		return err;
	err = socket_set_up(fd, rcvbuf_bytes, reterr_cause);
	if (err) {
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

struct socket_usage socket_usage(int fd)
{
	uint32_t meminfo[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(meminfo);

	(void)getsockopt(fd, SOL_SOCKET, SO_MEMINFO, meminfo, &len);
	return (struct socket_usage){
		.drops = meminfo[SK_MEMINFO_DROPS],
		.used_bytes = meminfo[SK_MEMINFO_RMEM_ALLOC],
	};
}
