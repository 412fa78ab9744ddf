/* SPDX-License-Identifier: MIT */
/*
 * forge COUNT PORTID - send samples to psample's multicast group, as any
 * process with CAP_NET_ADMIN can, that say they come from PORTID: 0 is the
 * kernel.
 */
#include "control.h"
#include "synthetic_message.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define PACKET_BYTES 128
#define SAMPLE_GROUP 9

static int fail(const char *what)
{
	fprintf(stderr, "forge: %s\n", what);
	return 1;
}

/*
 * After the multicast the kernel gets a copy for itself: it is no request, and
 * not looked at.
 */
static int send_samples(int fd, const struct family *family, uint32_t count,
			uint32_t portid)
{
	static alignas(8) uint8_t bytes[512];
	struct synthetic_message *message = (void *)bytes;
	const struct sockaddr_nl to = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (family->mcgroup - 1),
	};

	synthetic_message_init(message, PACKET_BYTES, portid);
	message->header.netlink.nlmsg_type = family->id;
	for (uint32_t i = 0; i < count; i++) {
		const struct synthetic_stamp stamp = { .group = SAMPLE_GROUP,
						       .group_seq = i };

		synthetic_message_stamp(message, &stamp);
		if (sendto(fd, message, message->header.netlink.nlmsg_len, 0,
			   (const struct sockaddr *)&to, sizeof(to)) < 0)
			return fail("cannot send");
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct family family;
	const char *cause = NULL;
	int fd;

	if (argc != 3)
		return fail("needs COUNT and PORTID");
	if (control_find_family(&family, &cause) < 0)
		return fail(cause);
	if (family.mcgroup > 32)
		return fail("sendto names groups up to 32 only");
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return fail("cannot open a netlink socket");
	return send_samples(fd, &family, (uint32_t)strtoul(argv[1], NULL, 10),
			    (uint32_t)strtoul(argv[2], NULL, 10));
}
