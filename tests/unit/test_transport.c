/* SPDX-License-Identifier: MIT */
/* What a transport is told beside a datagram. */
#include "leaks.h"
#include "transport.h"

#include <criterion/criterion.h>

#define NSID 7
#define TOLD CMSG_LEN(sizeof(int32_t))

static const struct {
	const char *name;
	size_t len;
	struct control control;
	int32_t nsid;
} controls[] = {
	{ "a namespace",
	  sizeof(struct control),
	  { TOLD, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, NSID },
	  NSID },
	{ "without the padding",
	  TOLD,
	  { TOLD, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, NSID },
	  NSID },
	{ "nothing",
	  0,
	  { TOLD, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, NSID },
	  PSR_NSID_OWN },
	{ "cut",
	  TOLD - 1,
	  { TOLD, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, NSID },
	  PSR_NSID_OWN },
	{ "too short a message",
	  sizeof(struct control),
	  { TOLD - 1, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, NSID },
	  PSR_NSID_OWN },
	{ "too long a message",
	  sizeof(struct control),
	  { SIZE_MAX, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, NSID },
	  PSR_NSID_OWN },
	{ "another level",
	  sizeof(struct control),
	  { TOLD, SOL_SOCKET, NETLINK_LISTEN_ALL_NSID, NSID },
	  PSR_NSID_OWN },
	{ "another message",
	  sizeof(struct control),
	  { TOLD, SOL_NETLINK, NETLINK_PKTINFO, NSID },
	  PSR_NSID_OWN },
};

TestSuite(transport, .fini = leaks_assert_none);

Test(transport, namespace_of_a_datagram)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		cr_expect_eq(
			control_nsid(&controls[i].control, controls[i].len),
			controls[i].nsid, "%s", controls[i].name);
}
