/* SPDX-License-Identifier: MIT */
/* The socket of a baseline: the steps of queue_open and psr_start. */
#include "listen.h"

#include "control.h"
#include "decode.h"
#include "filter.h"
#include "socket.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <unistd.h>

int listen_open(const struct psr_config *config, uint32_t index, int *ret_fd,
		uint16_t *ret_family, const char **reterr_cause)
{
	struct family family = { .id = FAMILY_ANY,
				 .mcgroup = config->usersock_group };
	bool psample = config->source == PSR_SOURCE_PSAMPLE;
	struct filter filter;
	int fd;
	int err = psample ? control_find_family(&family, reterr_cause) : 0;

	if (!err)
		err = socket_open(-1,
				  psample ? NETLINK_GENERIC : NETLINK_USERSOCK,
				  config->rcvbuf_bytes, &fd, reterr_cause);
	if (err)
		return err;

	*reterr_cause = "joining the multicast group";
	err = socket_join(fd, family.mcgroup);
	if (!err) {
		*reterr_cause = "attaching a socket filter";
		filter_build(&filter, config, index);
		err = socket_accept(fd, &filter);
	}
	if (err) {
		close(fd);
		return err;
	}
	*ret_fd = fd;
	*ret_family = family.id;
	return 0;
}
