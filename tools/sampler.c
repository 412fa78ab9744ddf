/* SPDX-License-Identifier: MIT */
/*
 * The sample actions of tc's filters.
 *
 * Two questions on one socket: which qdiscs are there, then for each of them its
 * filters. Each kind of filter has numbers of its own for the same things, so
 * there is a table of kinds; one that is not in it is passed over.
 *
 * Every length is the kernel's word and checked all the same: libmnl ends a walk
 * at an attribute that does not fit, and what is read of one is validated.
 */
#include "sampler.h"

#include "plain.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_sample.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* net/netlink/af_netlink.c: netlink_dump: a reply has 32 KiB at the most. */
#define REPLY_BYTES   32768
#define REQUEST_BYTES 256
#define HOOKS_MAX     4096
#define SEQ	      1 /* one question at a time, and each is heard out */

/* A dump that was interrupted by a change is asked for again, so often. */
#define TRIES_MAX 8

#define INGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define EGRESS	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

static const struct filter_kind {
	const char *name;
	uint16_t actions; /* attribute numbers */
	uint16_t flags;	  /* 0: none */
} filter_kinds[] = {
	{ "matchall", TCA_MATCHALL_ACT, TCA_MATCHALL_FLAGS },
	{ "flower", TCA_FLOWER_ACT, TCA_FLOWER_FLAGS },
	{ "u32", TCA_U32_ACT, TCA_U32_FLAGS },
	{ "bpf", TCA_BPF_ACT, TCA_BPF_FLAGS_GEN },
	{ "basic", TCA_BASIC_ACT, 0 },
	{ "fw", TCA_FW_ACT, 0 },
	{ "route", TCA_ROUTE4_ACT, 0 },
	{ "flow", TCA_FLOW_ACT, 0 },
	{ "cgroup", TCA_CGROUP_ACT, 0 },
};

/* Where filters may be. */
struct hook {
	uint32_t ifindex;
	uint32_t parent;
};

struct hooks {
	struct hook all[HOOKS_MAX];
	uint32_t count;
};

/* What the walk over one filter carries. */
struct filter_walk {
	struct samplers *samplers;
	struct sampler sampler;
	int is_sample; /* the action at hand */
	int err;
};

static const char *attribute_text(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0
		       ? ""
		       : mnl_attr_get_str(attr);
}

static void attribute_u32(const struct nlattr *attr, uint32_t *ret_value)
{
	if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*ret_value = mnl_attr_get_u32(attr);
}

static int samplers_append(struct samplers *samplers,
			   const struct sampler *sampler)
{
	uint32_t room = samplers->room ? 2 * samplers->room : 64;
	struct sampler *more;

	if (samplers->count == SAMPLERS_MAX)
		return -E2BIG;
	if (samplers->count == samplers->room) {
		more = realloc(samplers->all, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		samplers->all = more;
		samplers->room = room;
	}
	samplers->all[samplers->count++] = *sampler;
	return 0;
}

/* Without the padding at its end. */
#define BASIC_BYTES (sizeof(uint64_t) + sizeof(uint32_t))

static int parse_stats(const struct nlattr *attr, void *data)
{
	struct sampler *sampler = data;
	struct gnet_stats_basic basic;

	switch (mnl_attr_get_type(attr)) {
	case TCA_STATS_BASIC:
		if (mnl_attr_get_payload_len(attr) < BASIC_BYTES)
			break;
		memcpy(&basic, mnl_attr_get_payload(attr), BASIC_BYTES);
		sampler->bytes = basic.bytes;
		sampler->packets = basic.packets;
		break;
	case TCA_STATS_PKT64: /* comes second, where 32 bits do not do */
		if (mnl_attr_validate(attr, MNL_TYPE_U64) == 0)
			sampler->packets = mnl_attr_get_u64(attr);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int parse_sample(const struct nlattr *attr, void *data)
{
	struct sampler *sampler = data;
	struct tc_sample parameters;

	switch (mnl_attr_get_type(attr)) {
	case TCA_SAMPLE_PARMS:
		if (mnl_attr_get_payload_len(attr) < sizeof(parameters))
			break;
		memcpy(&parameters, mnl_attr_get_payload(attr),
		       sizeof(parameters));
		sampler->action_index = parameters.index;
		sampler->control = parameters.action;
		break;
	case TCA_SAMPLE_RATE:
		attribute_u32(attr, &sampler->rate);
		break;
	case TCA_SAMPLE_TRUNC_SIZE:
		attribute_u32(attr, &sampler->trunc);
		sampler->truncates = 1;
		break;
	case TCA_SAMPLE_PSAMPLE_GROUP:
		attribute_u32(attr, &sampler->group);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* act_api.c: tcf_action_dump_1: the kind comes before the options. */
static int parse_action(const struct nlattr *attr, void *data)
{
	struct filter_walk *walk = data;

	switch (mnl_attr_get_type(attr)) {
	case TCA_ACT_KIND:
		walk->is_sample = !strcmp(attribute_text(attr), "sample");
		break;
	case TCA_ACT_STATS:
		mnl_attr_parse_nested(attr, parse_stats, &walk->sampler);
		break;
	case TCA_ACT_OPTIONS:
		if (walk->is_sample)
			mnl_attr_parse_nested(attr, parse_sample,
					      &walk->sampler);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int parse_actions(const struct nlattr *attr, void *data)
{
	struct filter_walk *walk = data;
	const struct sampler filter = walk->sampler;

	walk->is_sample = 0;
	mnl_attr_parse_nested(attr, parse_action, walk);
	if (walk->is_sample)
		walk->err = samplers_append(walk->samplers, &walk->sampler);
	walk->sampler = filter;
	return walk->err ? MNL_CB_STOP : MNL_CB_OK;
}

struct search {
	uint16_t type;
	const struct nlattr *found;
};

static int search_attribute(const struct nlattr *attr, void *data)
{
	struct search *search = data;

	if (mnl_attr_get_type(attr) != search->type)
		return MNL_CB_OK;
	search->found = attr;
	return MNL_CB_STOP;
}

/* Return: NULL if there is none. */
static const struct nlattr *nested_find(const struct nlattr *nest,
					uint16_t type)
{
	struct search search = { .type = type };

	mnl_attr_parse_nested(nest, search_attribute, &search);
	return search.found;
}

/* One that is found shows that the message has a struct tcmsg. */
static const struct nlattr *message_find(const struct nlmsghdr *message,
					 uint16_t type)
{
	struct search search = { .type = type };

	mnl_attr_parse(message, sizeof(struct tcmsg), search_attribute,
		       &search);
	return search.found;
}

static const struct filter_kind *find_kind(const struct nlmsghdr *filter)
{
	const struct nlattr *attr = message_find(filter, TCA_KIND);
	const char *name = attr ? attribute_text(attr) : "";

	for (size_t i = 0; i < sizeof(filter_kinds) / sizeof(*filter_kinds);
	     i++)
		if (!strcmp(name, filter_kinds[i].name))
			return &filter_kinds[i];
	return NULL;
}

int samplers_add(struct samplers *samplers, const struct nlmsghdr *filter,
		 const struct sampler *place)
{
	struct filter_walk walk = { .samplers = samplers, .sampler = *place };
	const struct filter_kind *kind = find_kind(filter);
	const struct nlattr *options = message_find(filter, TCA_OPTIONS);
	const struct nlattr *attr;
	struct tcmsg head;
	uint32_t flags = 0;

	if (!kind || !options)
		return 0;
	memcpy(&head, mnl_nlmsg_get_payload(filter), sizeof(head));
	walk.sampler.kind = kind->name;
	walk.sampler.handle = head.tcm_handle;
	walk.sampler.pref = TC_H_MAJ(head.tcm_info) >> 16;
	attr = message_find(filter, TCA_CHAIN);
	if (attr)
		attribute_u32(attr, &walk.sampler.chain);
	attr = nested_find(options, kind->flags);
	if (attr && kind->flags)
		attribute_u32(attr, &flags);
	walk.sampler.in_hw = (flags & TCA_CLS_FLAGS_IN_HW) != 0;
	attr = nested_find(options, kind->actions);
	if (attr)
		mnl_attr_parse_nested(attr, parse_actions, &walk);
	return walk.err;
}

/* A qdisc "ingress" answers for each hook, whatever is asked, with its one. */
static int parse_qdisc(const struct nlmsghdr *qdisc, void *data)
{
	const struct nlattr *attr = message_find(qdisc, TCA_KIND);
	struct hooks *hooks = data;
	uint32_t parents[2] = { 0 };
	struct tcmsg head;

	if (!attr)
		return MNL_CB_OK;
	memcpy(&head, mnl_nlmsg_get_payload(qdisc), sizeof(head));
	parents[0] = head.tcm_handle;
	if (!strcmp(attribute_text(attr), "ingress"))
		parents[0] = INGRESS;
	if (!strcmp(attribute_text(attr), "clsact")) {
		parents[0] = INGRESS;
		parents[1] = EGRESS;
	}
	for (int i = 0; i < 2; i++) {
		if (!parents[i])
			continue;
		if (hooks->count == HOOKS_MAX) {
			errno = E2BIG;
			return MNL_CB_ERROR;
		}
		hooks->all[hooks->count++] = (struct hook){
			.ifindex = (uint32_t)head.tcm_ifindex,
			.parent = parents[i],
		};
	}
	return MNL_CB_OK;
}

/* What is asked of the socket, and who hears the answer. */
struct question {
	uint16_t type;
	struct hook hook;
	mnl_cb_t parse;
	void *data;
};

static int ask(struct mnl_socket *socket, const struct question *question)
{
	char bytes[REPLY_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct tcmsg *head;
	ssize_t len;
	int verdict = MNL_CB_OK;

	request->nlmsg_type = question->type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = SEQ;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->tcm_family = AF_UNSPEC;
	head->tcm_ifindex = (int)question->hook.ifindex;
	head->tcm_parent = question->hook.parent;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (verdict > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(socket, bytes, sizeof(bytes));
		if (len < 0)
			return -errno;
		verdict = mnl_cb_run(bytes, (size_t)len, SEQ,
				     mnl_socket_get_portid(socket),
				     question->parse, question->data);
	}
	return verdict < 0 ? -errno : 0;
}

/* The filters of one hook. */
struct place {
	struct samplers *samplers;
	struct sampler sampler;
};

static int parse_filter(const struct nlmsghdr *filter, void *data)
{
	struct place *place = data;
	int err = samplers_add(place->samplers, filter, &place->sampler);

	errno = -err;
	return err ? MNL_CB_ERROR : MNL_CB_OK;
}

static void link_name(uint32_t ifindex, char ret_name[IF_NAMESIZE])
{
	if (!if_indextoname(ifindex, ret_name))
		snprintf(ret_name, IF_NAMESIZE, "%u", ifindex);
}

static int read_hook(struct mnl_socket *socket, const struct hook *hook,
		     struct samplers *samplers)
{
	struct place place = {
		.samplers = samplers,
		.sampler = { .ifindex = hook->ifindex, .parent = hook->parent },
	};
	const struct question question = {
		.type = RTM_GETTFILTER,
		.hook = *hook,
		.parse = parse_filter,
		.data = &place,
	};

	link_name(hook->ifindex, place.sampler.link);
	return ask(socket, &question);
}

static int read_all(struct mnl_socket *socket, struct samplers *samplers)
{
	struct hooks hooks = { .count = 0 };
	const struct question question = {
		.type = RTM_GETQDISC,
		.parse = parse_qdisc,
		.data = &hooks,
	};
	int err = ask(socket, &question);

	for (uint32_t i = 0; i < hooks.count && !err; i++) {
		err = read_hook(socket, &hooks.all[i], samplers);
		/* Gone with its link or qdisc; or it takes no filters. */
		if (err == -ENODEV || err == -EINVAL || err == -EOPNOTSUPP)
			err = 0;
	}
	return err;
}

int samplers_read(struct samplers *samplers)
{
	int err = -EINTR;

	for (int tries = 0; err == -EINTR && tries < TRIES_MAX; tries++) {
		/* Nothing of what an interrupted dump said may come next. */
		struct mnl_socket *socket =
			mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

		if (!socket)
			return -errno;
		samplers->count = 0;
		if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
			err = -errno;
		else
			err = read_all(socket, samplers);
		mnl_socket_close(socket);
	}
	return err;
}

void samplers_free(struct samplers *samplers)
{
	free(samplers->all);
	*samplers = (struct samplers){ 0 };
}

void sampler_link(const struct sampler *sampler, char ret_name[IF_NAMESIZE])
{
	memcpy(ret_name, sampler->link, IF_NAMESIZE);
	plain_name(ret_name);
}

void sampler_hook(const struct sampler *sampler,
		  char ret_text[SAMPLER_HOOK_BYTES])
{
	if (sampler->parent == INGRESS || sampler->parent == EGRESS)
		snprintf(ret_text, SAMPLER_HOOK_BYTES, "%s",
			 sampler->parent == INGRESS ? "ingress" : "egress");
	else
		snprintf(ret_text, SAMPLER_HOOK_BYTES,
			 "qdisc %x:", sampler->parent >> 16);
}

void sampler_describe(const struct sampler *sampler,
		      char ret_text[SAMPLER_TEXT_BYTES])
{
	char trunc[32] = "whole packets";
	char hook[SAMPLER_HOOK_BYTES];
	char link[IF_NAMESIZE];

	sampler_hook(sampler, hook);
	sampler_link(sampler, link);
	if (sampler->truncates)
		snprintf(trunc, sizeof(trunc), "trunc %u", sampler->trunc);
	snprintf(ret_text, SAMPLER_TEXT_BYTES, "%s %s %s pref %u 1:%u %s%s",
		 link, hook, sampler->kind, sampler->pref, sampler->rate, trunc,
		 sampler->in_hw ? ", in hardware" : "");
}
