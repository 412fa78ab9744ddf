/* SPDX-License-Identifier: MIT */
/*
 * The sample actions of tc's filters: what feeds the kernel's sample groups, as
 * rtnetlink tells it. Anybody may ask.
 *
 * Looked at are the filters of each qdisc of this network namespace: at ingress,
 * at egress, and of classful qdiscs those at the root of it. A block of filters
 * that interfaces share is there once for each of them.
 */
#ifndef SAMPLER_H
#define SAMPLER_H

#include <net/if.h>
#include <stdint.h>

struct nlmsghdr;

#define SAMPLERS_MAX	   65536
#define SAMPLER_HOOK_BYTES 16
#define SAMPLER_TEXT_BYTES 192

/* One sample action of one filter. */
struct sampler {
	uint64_t packets; /* that passed the action, sampled or not */
	uint64_t bytes;
	uint32_t ifindex;
	uint32_t parent; /* TC_H_CLSACT's hooks, or the handle of a qdisc */
	uint32_t pref;
	uint32_t handle;
	uint32_t chain;
	uint32_t group;
	uint32_t rate;
	uint32_t trunc; /* 0: whole packets, unless truncates */
	uint32_t action_index;
	int32_t control; /* TC_ACT_OK and its like: what comes next */
	int truncates;
	int in_hw;
	const char *kind;	/* of the filter */
	char link[IF_NAMESIZE]; /* as the kernel has it: sampler_link */
};

struct samplers {
	struct sampler *all; /* [count] */
	uint32_t count;
	uint32_t room;
};

/*
 * Appends the sample actions of all filters to @samplers, which is all zero or
 * was read before.
 * Return: 0, or -E2BIG: more than SAMPLERS_MAX, or another negative errno; what
 * was found by then is there.
 */
int samplers_read(struct samplers *samplers);
void samplers_free(struct samplers *samplers);

/*
 * Appends those of one filter.
 * @filter: RTM_NEWTFILTER, of any content
 * @place: link, ifindex and parent
 * Return: 0, -E2BIG, or -ENOMEM.
 */
int samplers_add(struct samplers *samplers, const struct nlmsghdr *filter,
		 const struct sampler *place);

/* The name of the link to be shown, as interfaces_name has it. */
void sampler_link(const struct sampler *sampler, char ret_name[IF_NAMESIZE]);

/* "ingress", "egress" or "qdisc 8001:" */
void sampler_hook(const struct sampler *sampler,
		  char ret_text[SAMPLER_HOOK_BYTES]);

/* "eth0 ingress matchall pref 49152 1:100 trunc 128" */
void sampler_describe(const struct sampler *sampler,
		      char ret_text[SAMPLER_TEXT_BYTES]);

#endif /* SAMPLER_H */
