/* SPDX-License-Identifier: MIT */
/*
 * What rtnetlink says of tc's filters: the sample actions in it are found,
 * whatever else is there, and no length leads beyond the message.
 */
#include "guard.h"
#include "sampler.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_sample.h>
#include <stdlib.h>
#include <string.h>

static const struct sampler place = {
	.ifindex = 3,
	.parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
	.link = "eth0",
};

static char bytes[4096];
static struct nlmsghdr *filter;
static struct samplers samplers;

static void begin(const char *kind)
{
	struct tcmsg *head;

	memset(bytes, 0, sizeof(bytes));
	filter = mnl_nlmsg_put_header(bytes);
	filter->nlmsg_type = RTM_NEWTFILTER;
	head = mnl_nlmsg_put_extra_header(filter, sizeof(*head));
	head->tcm_handle = 1;
	head->tcm_info = TC_H_MAKE(49152u << 16, 0x0300);
	mnl_attr_put_strz(filter, TCA_KIND, kind);
	mnl_attr_put_u32(filter, TCA_CHAIN, 2);
}

static void put_stats(uint32_t packets, uint64_t more_packets)
{
	struct nlattr *nest = mnl_attr_nest_start(filter, TCA_ACT_STATS);
	const struct gnet_stats_basic basic = { .bytes = 6400,
						.packets = packets };

	mnl_attr_put(filter, TCA_STATS_BASIC, 12, &basic);
	if (more_packets)
		mnl_attr_put_u64(filter, TCA_STATS_PKT64, more_packets);
	mnl_attr_nest_end(filter, nest);
}

static void put_action(uint16_t order, const char *kind, uint32_t group)
{
	const struct tc_sample parameters = { .index = 7,
					      .action = TC_ACT_PIPE };
	struct nlattr *action = mnl_attr_nest_start(filter, order);
	struct nlattr *options;

	mnl_attr_put_strz(filter, TCA_ACT_KIND, kind);
	put_stats(100, group == 6 ? 1ULL << 32 : 0);
	options = mnl_attr_nest_start(filter, TCA_ACT_OPTIONS);
	mnl_attr_put(filter, TCA_SAMPLE_PARMS, sizeof(parameters), &parameters);
	mnl_attr_put_u32(filter, TCA_SAMPLE_RATE, 1000);
	if (group == 5)
		mnl_attr_put_u32(filter, TCA_SAMPLE_TRUNC_SIZE, 128);
	mnl_attr_put_u32(filter, TCA_SAMPLE_PSAMPLE_GROUP, group);
	mnl_attr_nest_end(filter, options);
	mnl_attr_nest_end(filter, action);
}

/* A filter with three actions, of which two sample. */
static void make_filter(const char *kind, uint16_t actions, uint16_t flags)
{
	struct nlattr *options;
	struct nlattr *nest;

	begin(kind);
	options = mnl_attr_nest_start(filter, TCA_OPTIONS);
	nest = mnl_attr_nest_start(filter, actions);
	put_action(1, "sample", 5);
	put_action(2, "mirred", 99);
	put_action(3, "sample", 6);
	mnl_attr_nest_end(filter, nest);
	if (flags)
		mnl_attr_put_u32(filter, flags, TCA_CLS_FLAGS_IN_HW);
	mnl_attr_nest_end(filter, options);
}

static void forget(void)
{
	samplers_free(&samplers);
}

TestSuite(sampler, .fini = forget);

Test(sampler, two_actions_of_three)
{
	const struct sampler *first, *second;

	make_filter("matchall", TCA_MATCHALL_ACT, TCA_MATCHALL_FLAGS);
	cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
	cr_assert_eq(samplers.count, 2);
	first = &samplers.all[0];
	second = &samplers.all[1];
	cr_assert_eq(first->ifindex, 3);
	cr_assert_eq(first->pref, 49152);
	cr_assert_eq(first->handle, 1);
	cr_assert_eq(first->chain, 2);
	cr_assert_eq(first->group, 5);
	cr_assert_eq(first->rate, 1000);
	cr_assert_eq(first->trunc, 128);
	cr_assert_eq(first->truncates, 1);
	cr_assert_eq(first->packets, 100);
	cr_assert_eq(first->bytes, 6400);
	cr_assert_eq(first->action_index, 7);
	cr_assert_eq(first->control, TC_ACT_PIPE);
	cr_assert_eq(first->in_hw, 1);
	/* Nothing of the first stays in the second. */
	cr_assert_eq(second->group, 6);
	cr_assert_eq(second->truncates, 0);
	cr_assert_eq(second->trunc, 0);
	cr_assert_eq(second->packets, 1ULL << 32);
}

Test(sampler, in_words)
{
	char text[SAMPLER_TEXT_BYTES];

	make_filter("matchall", TCA_MATCHALL_ACT, TCA_MATCHALL_FLAGS);
	cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
	sampler_describe(&samplers.all[0], text);
	cr_assert_str_eq(text, "eth0 egress matchall pref 49152 1:1000 trunc "
			       "128, in hardware");
	samplers.all[1].parent = 0x80010000;
	samplers.all[1].in_hw = 0;
	sampler_describe(&samplers.all[1], text);
	cr_assert_str_eq(text, "eth0 qdisc 8001: matchall pref 49152 1:1000 "
			       "whole packets");
}

/* What steers a terminal or ends a string is not shown, the rest is. */
Test(sampler, any_name)
{
	static const struct sampler odd = { .link = "n+1;\033\"\\\377",
					    .kind = "fw" };
	char text[SAMPLER_TEXT_BYTES];
	char link[IF_NAMESIZE];

	sampler_link(&odd, link);
	cr_assert_str_eq(link, "n+1;????");
	sampler_describe(&odd, text);
	cr_assert_str_eq(text, "n+1;???? qdisc 0: fw pref 0 1:0 whole packets");
}

Test(sampler, each_kind_has_its_numbers)
{
	static const struct {
		const char *kind;
		uint16_t actions;
		uint16_t flags;
	} kinds[] = {
		{ "flower", TCA_FLOWER_ACT, TCA_FLOWER_FLAGS },
		{ "u32", TCA_U32_ACT, TCA_U32_FLAGS },
		{ "bpf", TCA_BPF_ACT, TCA_BPF_FLAGS_GEN },
		{ "basic", TCA_BASIC_ACT, 0 },
		{ "fw", TCA_FW_ACT, 0 },
		{ "route", TCA_ROUTE4_ACT, 0 },
		{ "flow", TCA_FLOW_ACT, 0 },
		{ "cgroup", TCA_CGROUP_ACT, 0 },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		samplers_free(&samplers);
		make_filter(kinds[i].kind, kinds[i].actions, kinds[i].flags);
		cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
		cr_assert_eq(samplers.count, 2, "%s", kinds[i].kind);
		cr_assert_eq(samplers.all[0].in_hw, kinds[i].flags != 0);
		cr_assert_str_eq(samplers.all[0].kind, kinds[i].kind);
	}
}

Test(sampler, nothing_in_what_is_no_filter)
{
	begin("matchall"); /* the head of a filter without handle */
	cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
	make_filter("unheard-of", TCA_MATCHALL_ACT, 0);
	cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
	filter = mnl_nlmsg_put_header(bytes);
	cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
	cr_assert_eq(samplers.count, 0);
}

/* A byte that is read behind the message, in whole words, ends the test. */
Test(sampler, cut_at_each_length)
{
	make_filter("flower", TCA_FLOWER_ACT, TCA_FLOWER_FLAGS);
	for (uint32_t len = NLMSG_HDRLEN; len <= filter->nlmsg_len;
	     len += NLMSG_ALIGNTO) {
		char cut[sizeof(bytes)];
		struct nlmsghdr head = *filter;

		head.nlmsg_len = len;
		memcpy(cut, bytes, len);
		memcpy(cut, &head, sizeof(head));
		samplers.count = 0;
		samplers_add(&samplers,
			     (const struct nlmsghdr *)guard_place(cut, len),
			     &place);
		cr_assert_leq(samplers.count, 2);
	}
	cr_assert_eq(samplers.count, 2);
}

/* An attribute that is too short for what it should hold ends the message. */
static void end_short(uint16_t nest_type, uint16_t type)
{
	struct nlattr *options, *actions, *action, *nest;

	begin("matchall");
	options = mnl_attr_nest_start(filter, TCA_OPTIONS);
	actions = mnl_attr_nest_start(filter, TCA_MATCHALL_ACT);
	action = mnl_attr_nest_start(filter, 1);
	mnl_attr_put_strz(filter, TCA_ACT_KIND, "sample");
	nest = mnl_attr_nest_start(filter, nest_type);
	mnl_attr_put_u16(filter, type, 0xffff);
	mnl_attr_nest_end(filter, nest);
	mnl_attr_nest_end(filter, action);
	mnl_attr_nest_end(filter, actions);
	mnl_attr_nest_end(filter, options);
	samplers.count = 0;
	samplers_add(
		&samplers,
		(const struct nlmsghdr *)guard_place(bytes, filter->nlmsg_len),
		&place);
}

Test(sampler, short_values)
{
	end_short(TCA_ACT_STATS, TCA_STATS_BASIC);
	cr_assert_eq(samplers.all[0].packets, 0);
	end_short(TCA_ACT_STATS, TCA_STATS_PKT64);
	cr_assert_eq(samplers.all[0].packets, 0);
	end_short(TCA_ACT_OPTIONS, TCA_SAMPLE_PARMS);
	cr_assert_eq(samplers.all[0].action_index, 0);
	end_short(TCA_ACT_OPTIONS, TCA_SAMPLE_RATE);
	cr_assert_eq(samplers.all[0].rate, 0);
}

/* Each length field in turn says something else. */
Test(sampler, lying_lengths)
{
	static const uint16_t lies[] = { 0, 1, 3, 4, 5, 8, 200, 65535 };

	make_filter("flower", TCA_FLOWER_ACT, TCA_FLOWER_FLAGS);
	for (uint32_t at = NLMSG_HDRLEN; at + 2 <= filter->nlmsg_len; at += 4)
		for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
			char lied[sizeof(bytes)];

			memcpy(lied, bytes, filter->nlmsg_len);
			memcpy(lied + at, &lies[i], sizeof(lies[i]));
			samplers.count = 0;
			samplers_add(&samplers,
				     (const struct nlmsghdr *)guard_place(
					     lied, filter->nlmsg_len),
				     &place);
			cr_assert_leq(samplers.count, 32);
		}
}

Test(sampler, no_more_than_the_limit)
{
	make_filter("matchall", TCA_MATCHALL_ACT, 0);
	for (uint32_t i = 0; i < SAMPLERS_MAX; i += 2)
		cr_assert_eq(samplers_add(&samplers, filter, &place), 0);
	cr_assert_eq(samplers_add(&samplers, filter, &place), -E2BIG);
	cr_assert_eq(samplers.count, SAMPLERS_MAX);
}
