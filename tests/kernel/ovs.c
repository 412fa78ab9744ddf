/* SPDX-License-Identifier: MIT */
/*
 * ovs - have Open vSwitch's datapath sample what comes in on an interface
 *
 *	ovs INTERFACE GROUP [PERCENT]
 *	ovs delete
 *
 * Makes a datapath with the one port INTERFACE, and a flow that hands each of
 * its IPv4 packets to psample's GROUP, with the cookie deadbeef, or one packet
 * in 100 / PERCENT (Linux 6.11: OVS_ACTION_ATTR_PSAMPLE). No switch daemon is
 * needed, only the kernel's part.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/openvswitch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Newer than Debian 12's linux/openvswitch.h. */
#define ACTION_PSAMPLE 25
#define PSAMPLE_GROUP  1
#define PSAMPLE_COOKIE 2

#define DATAPATH  "dp0"
#define PORT	  1 /* the first after the datapath's own, 0 */
#define ACK_BYTES 8192

static struct mnl_socket *controller;
static char buffer[ACK_BYTES];
static uint16_t family_id;
static int datapath; /* its ifindex */

static void fail(const char *what)
{
	fprintf(stderr, "ovs: %s: %s\n", what, strerrordesc_np(errno));
	_exit(1);
}

static struct nlmsghdr *request(uint16_t family, uint8_t command,
				uint8_t version)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *generic;

	message->nlmsg_type = family;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	generic = mnl_nlmsg_put_extra_header(message, sizeof(*generic));
	generic->cmd = command;
	generic->version = version;
	return message;
}

/* A request of Open vSwitch has the datapath behind the generic header. */
static struct nlmsghdr *ovs_request(uint8_t command)
{
	struct nlmsghdr *message = request(family_id, command, 1);
	struct ovs_header *header =
		mnl_nlmsg_put_extra_header(message, sizeof(*header));

	header->dp_ifindex = datapath;
	return message;
}

static int parse_family(const struct nlattr *attribute, void *data)
{
	(void)data;
	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
		family_id = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

/* Families and datapaths are all that is ever answered. */
static int parse_reply(const struct nlmsghdr *message, void *data)
{
	const struct ovs_header *header;

	(void)data;
	if (message->nlmsg_type == GENL_ID_CTRL)
		return mnl_attr_parse(message, sizeof(struct genlmsghdr),
				      parse_family, NULL);
	header = mnl_nlmsg_get_payload_offset(message,
					      sizeof(struct genlmsghdr));
	datapath = header->dp_ifindex;
	return MNL_CB_OK;
}

static void talk(const struct nlmsghdr *message, const char *what)
{
	int verdict = MNL_CB_OK;

	if (mnl_socket_sendto(controller, message, message->nlmsg_len) < 0)
		fail(what);
	while (verdict > MNL_CB_STOP) {
		ssize_t len =
			mnl_socket_recvfrom(controller, buffer, sizeof(buffer));

		verdict = len < 0 ? -1
				  : mnl_cb_run(buffer, (size_t)len, 0, 0,
					       parse_reply, NULL);
	}
	if (verdict < 0)
		fail(what);
}

static void use_family(const char *name)
{
	struct nlmsghdr *message = request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);

	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, name);
	talk(message, name);
}

static void add_datapath(void)
{
	struct nlmsghdr *message;

	use_family(OVS_DATAPATH_FAMILY);
	message = ovs_request(OVS_DP_CMD_NEW);
	message->nlmsg_flags |= NLM_F_ECHO;
	mnl_attr_put_strz(message, OVS_DP_ATTR_NAME, DATAPATH);
	mnl_attr_put_u32(message, OVS_DP_ATTR_UPCALL_PID, 0);
	talk(message, "making a datapath");
}

static void delete_datapath(void)
{
	struct nlmsghdr *message;

	use_family(OVS_DATAPATH_FAMILY);
	message = ovs_request(OVS_DP_CMD_DEL);
	mnl_attr_put_strz(message, OVS_DP_ATTR_NAME, DATAPATH);
	talk(message, "deleting the datapath");
}

static void add_port(const char *interface)
{
	struct nlmsghdr *message;

	use_family(OVS_VPORT_FAMILY);
	message = ovs_request(OVS_VPORT_CMD_NEW);
	mnl_attr_put_u32(message, OVS_VPORT_ATTR_PORT_NO, PORT);
	mnl_attr_put_u32(message, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	mnl_attr_put_strz(message, OVS_VPORT_ATTR_NAME, interface);
	mnl_attr_put_u32(message, OVS_VPORT_ATTR_UPCALL_PID, 0);
	talk(message, interface);
}

/* Every IPv4 packet of the port; what stands in no mask may be anything. */
static void put_match(struct nlmsghdr *message, uint16_t type, uint32_t port,
		      uint16_t ethertype)
{
	const struct ovs_key_ethernet ethernet = { 0 };
	const struct ovs_key_ipv4 ipv4 = { 0 };
	struct nlattr *nest = mnl_attr_nest_start(message, type);

	mnl_attr_put_u32(message, OVS_KEY_ATTR_IN_PORT, port);
	mnl_attr_put(message, OVS_KEY_ATTR_ETHERNET, sizeof(ethernet),
		     &ethernet);
	mnl_attr_put_u16(message, OVS_KEY_ATTR_ETHERTYPE, ethertype);
	mnl_attr_put(message, OVS_KEY_ATTR_IPV4, sizeof(ipv4), &ipv4);
	mnl_attr_nest_end(message, nest);
}

static void put_psample(struct nlmsghdr *message, uint32_t group)
{
	static const uint8_t cookie[] = { 0xde, 0xad, 0xbe, 0xef };
	struct nlattr *nest = mnl_attr_nest_start(message, ACTION_PSAMPLE);

	mnl_attr_put_u32(message, PSAMPLE_GROUP, group);
	mnl_attr_put(message, PSAMPLE_COOKIE, sizeof(cookie), cookie);
	mnl_attr_nest_end(message, nest);
}

static void put_sample(struct nlmsghdr *message, uint32_t group,
		       uint32_t percent)
{
	struct nlattr *nest =
		mnl_attr_nest_start(message, OVS_ACTION_ATTR_SAMPLE);
	struct nlattr *actions;

	mnl_attr_put_u32(message, OVS_SAMPLE_ATTR_PROBABILITY,
			 UINT32_MAX / 100 * percent);
	actions = mnl_attr_nest_start(message, OVS_SAMPLE_ATTR_ACTIONS);
	put_psample(message, group);
	mnl_attr_nest_end(message, actions);
	mnl_attr_nest_end(message, nest);
}

static void add_flow(uint32_t group, uint32_t percent)
{
	struct nlmsghdr *message;
	struct nlattr *actions;

	use_family(OVS_FLOW_FAMILY);
	message = ovs_request(OVS_FLOW_CMD_NEW);
	put_match(message, OVS_FLOW_ATTR_KEY, PORT, htons(ETH_P_IP));
	put_match(message, OVS_FLOW_ATTR_MASK, UINT32_MAX, UINT16_MAX);
	actions = mnl_attr_nest_start(message, OVS_FLOW_ATTR_ACTIONS);
	if (percent < 100)
		put_sample(message, group, percent);
	else
		put_psample(message, group);
	mnl_attr_nest_end(message, actions);
	talk(message, "adding a flow");
}

int main(int argc, char **argv)
{
	bool delete = argc == 2 && strcmp(argv[1], "delete") == 0;

	if (!delete &&(argc < 3 || argc > 4)) {
		fputs("usage: ovs INTERFACE GROUP [PERCENT], or ovs delete\n",
		      stderr);
		return 2;
	}
	controller = mnl_socket_open(NETLINK_GENERIC);
	if (!controller || mnl_socket_bind(controller, 0, MNL_SOCKET_AUTOPID))
		fail("netlink");
	if (delete) {
		delete_datapath();
		return 0;
	}
	add_datapath();
	add_port(argv[1]);
	add_flow((uint32_t)strtoul(argv[2], NULL, 10),
		 argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 100);
	return 0;
}
