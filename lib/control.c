/* SPDX-License-Identifier: MIT */
/*
 * The control path: family and multicast group by name, sample groups.
 *
 * Ids are given out by the kernel when the module is loaded, and differ from
 * one load to the next: they are asked for, never assumed.
 */
#include "control.h"
#include "psample.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define CONTROL_VERSION 1
#define REPLY_BYTES	8192 /* MNL_SOCKET_BUFFER_SIZE, as a constant */

struct mcgroup {
	const char *name;
	uint32_t id;
};

static void set_cause(const char **reterr_cause, const char *cause)
{
	if (reterr_cause)
		*reterr_cause = cause;
}

static struct nlmsghdr *control_request(void *buffer, uint16_t family,
					uint8_t command, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *generic;

	request->nlmsg_type = family;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->nlmsg_seq = (uint32_t)time(NULL);
	generic = mnl_nlmsg_put_extra_header(request, sizeof(*generic));
	generic->cmd = command;
	generic->version = CONTROL_VERSION;
	return request;
}

/* Sends @request and runs @parse over each message of the reply. */
static int control_talk(struct mnl_socket *socket,
			const struct nlmsghdr *request, mnl_cb_t parse,
			void *data)
{
	char reply[REPLY_BYTES];
	ssize_t len;
	int verdict = MNL_CB_OK;

	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;

	while (verdict > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(socket, reply, sizeof(reply));
		if (len < 0)
			return -errno;
		verdict =
			mnl_cb_run(reply, (size_t)len, request->nlmsg_seq,
				   mnl_socket_get_portid(socket), parse, data);
	}
	return verdict < 0 ? -errno : 0;
}

static int parse_mcgroup_member(const struct nlattr *attr, void *data)
{
	struct mcgroup *mcgroup = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (type == CTRL_ATTR_MCAST_GRP_NAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		mcgroup->name = mnl_attr_get_str(attr);
	if (type == CTRL_ATTR_MCAST_GRP_ID &&
	    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		mcgroup->id = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int parse_mcgroup(const struct nlattr *nest, void *data)
{
	struct family *family = data;
	struct mcgroup mcgroup = { .name = "" };

	mnl_attr_parse_nested(nest, parse_mcgroup_member, &mcgroup);
	if (strcmp(mcgroup.name, PSAMPLE_MCGROUP_PACKETS) == 0)
		family->mcgroup = mcgroup.id;
	if (strcmp(mcgroup.name, PSAMPLE_MCGROUP_CONFIG) == 0)
		family->config_mcgroup = mcgroup.id;
	return MNL_CB_OK;
}

static int parse_family_member(const struct nlattr *attr, void *data)
{
	struct family *family = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (type == CTRL_ATTR_FAMILY_ID &&
	    mnl_attr_validate(attr, MNL_TYPE_U16) == 0)
		family->id = mnl_attr_get_u16(attr);
	if (type == CTRL_ATTR_MCAST_GROUPS)
		mnl_attr_parse_nested(attr, parse_mcgroup, family);
	return MNL_CB_OK;
}

static int parse_family(const struct nlmsghdr *reply, void *data)
{
	return mnl_attr_parse(reply, sizeof(struct genlmsghdr),
			      parse_family_member, data);
}

static int control_ask_family(struct mnl_socket *socket, struct family *family)
{
	char buffer[REPLY_BYTES];
	struct nlmsghdr *request;

	request = control_request(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
				  NLM_F_ACK);
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, PSAMPLE_FAMILY);
	return control_talk(socket, request, parse_family, family);
}

static int control_open(struct mnl_socket **ret_socket)
{
	struct mnl_socket *socket;
	int err;

	socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		mnl_socket_close(socket);
		return err;
	}
	*ret_socket = socket;
	return 0;
}

static int control_resolve(struct mnl_socket *socket, struct family *family,
			   const char **reterr_cause)
{
	int err = control_ask_family(socket, family);

	if (err == -ENOENT)
		set_cause(reterr_cause,
			  "the kernel has no psample family: load the module "
			  "(modprobe psample; CONFIG_PSAMPLE)");
	else if (err)
		set_cause(reterr_cause,
			  "asking generic netlink for the psample family");
	if (err)
		return err;

	if (family->id >= NLMSG_MIN_TYPE && family->mcgroup != 0)
		return 0;
	set_cause(reterr_cause, "the kernel's psample family has no multicast "
				"group \"packets\"");
	return -EPROTO;
}

int control_find_family(struct family *ret_family, const char **reterr_cause)
{
	struct family family = { 0 };
	struct mnl_socket *socket = NULL;
	int err = control_open(&socket);

	if (err) {
		set_cause(reterr_cause, "opening a generic netlink socket");
		return err;
	}
	err = control_resolve(socket, &family, reterr_cause);
	if (!err)
		*ret_family = family;
	mnl_socket_close(socket);
	return err;
}

struct group_list {
	struct psr_group *groups;
	uint32_t max;
	uint32_t count;
};

/* Linux 5.7 to 5.11 number GROUP_REFCOUNT as others do TUNNEL: psample.h. */
static bool is_refcount(uint16_t type)
{
	return type == PSAMPLE_GROUP_REFCOUNT || type == PSAMPLE_TUNNEL;
}

static int parse_group_member(const struct nlattr *attr, void *data)
{
	struct psr_group *group = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return MNL_CB_OK;
	if (type == PSAMPLE_SAMPLE_GROUP)
		group->group = mnl_attr_get_u32(attr);
	else if (type == PSAMPLE_GROUP_SEQ)
		group->group_seq = mnl_attr_get_u32(attr);
	else if (is_refcount(type))
		group->refcount = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int parse_group(const struct nlmsghdr *reply, void *data)
{
	struct group_list *list = data;
	struct psr_group group = { 0 };

	mnl_attr_parse(reply, sizeof(struct genlmsghdr), parse_group_member,
		       &group);
	if (list->count < list->max)
		list->groups[list->count] = group;
	list->count++;
	return MNL_CB_OK;
}

static int control_ask_groups(struct mnl_socket *socket,
			      struct group_list *list,
			      const char **reterr_cause)
{
	char buffer[REPLY_BYTES];
	struct family family = { 0 };
	struct nlmsghdr *request;
	int err = control_resolve(socket, &family, reterr_cause);

	if (err)
		return err;
	request = control_request(buffer, family.id, PSAMPLE_VERB_GET_GROUP,
				  NLM_F_DUMP);
	err = control_talk(socket, request, parse_group, list);
	if (err)
		set_cause(reterr_cause, "asking psample for its groups");
	return err;
}

int psr_groups(struct psr_group *ret_groups, uint32_t max,
	       const char **reterr_cause)
{
	struct group_list list = { .groups = ret_groups, .max = max };
	struct mnl_socket *socket = NULL;
	int err = control_open(&socket);

	if (err) {
		set_cause(reterr_cause, "opening a generic netlink socket");
		return err;
	}
	err = control_ask_groups(socket, &list, reterr_cause);
	mnl_socket_close(socket);
	return err ? err : (int)list.count;
}
