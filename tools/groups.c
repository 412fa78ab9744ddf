/* SPDX-License-Identifier: MIT */
/*
 * psring groups - list the kernel's sample groups
 *
 * A group is there as long as something samples into it: a tc rule, a switch
 * driver. What Open vSwitch samples is in no such list. Which of tc's filters feed
 * a group is asked of rtnetlink, and put beside it.
 */
#include "groups.h"

#include "human.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "sampler.h"
#include "subcommands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct options_command command = {
	.name = "groups",
	.text = "List the kernel's sample groups in this network namespace, and "
		"which tc\nfilters feed each.",
	.examples =
		"  psring groups\n"
		"        each group, and below it the filters that feed it\n"
		"  psring groups --netns blue\n"
		"        those of the network namespace that ip netns calls blue\n"
		"  psring groups --json | jq .fed_by\n"
		"        the filters, for a program\n",
	.sections = OPTIONS_SECTION_NETNS | OPTIONS_SECTION_FORMAT,
};

struct groups {
	struct psr_group *all; /* [count] */
	int count;
	int has_samplers;
	struct samplers samplers;
};

/* The next one after @before, or the first, that feeds the group; or NULL. */
static const struct sampler *next_sampler(const struct groups *groups,
					  const struct psr_group *group,
					  const struct sampler *before)
{
	const struct samplers *samplers = &groups->samplers;
	uint32_t i = before ? (uint32_t)(before - samplers->all) + 1 : 0;

	for (; i < samplers->count; i++)
		if (samplers->all[i].group == group->group)
			return &samplers->all[i];
	return NULL;
}

/*
 * All groups there are: the number may grow between asking for it and asking
 * for the groups, hence the loop.
 */
int groups_read(struct psr_group **ret_groups, const char **reterr_cause)
{
	struct psr_group *groups = NULL;
	struct psr_group *more;
	int room = 0;
	int count = psr_groups(NULL, 0, reterr_cause);

	while (count > room) {
		more = realloc(groups, (size_t)count * sizeof(*groups));
		if (!more) {
			free(groups);
			return -ENOMEM;
		}
		groups = more;
		room = count;
		count = psr_groups(groups, (uint32_t)room, reterr_cause);
	}
	if (count < 0)
		free(groups);
	else
		*ret_groups = groups;
	return count;
}

static void write_sampler(const struct sampler *sampler)
{
	char text[SAMPLER_TEXT_BYTES];
	char packets[HUMAN_MAX];

	sampler_describe(sampler, text);
	printf("            fed by %s, %s packet%s\n", text,
	       human_digits(packets, sampler->packets),
	       sampler->packets == 1 ? "" : "s");
}

static void write_text(const struct groups *groups)
{
	if (!groups->count) {
		fputs("psring: no sample groups (what Open vSwitch samples is "
		      "in no list). To sample one in 100 packets that come in "
		      "at eth0:\n"
		      "  tc qdisc add dev eth0 clsact\n"
		      "  tc filter add dev eth0 ingress matchall action sample "
		      "rate 100 group 5 trunc 128\n",
		      stderr);
		return;
	}
	printf("%10s%10s%12s\n", "group", "refcount", "group_seq");
	for (int i = 0; i < groups->count; i++) {
		const struct psr_group *group = &groups->all[i];
		const struct sampler *sampler = NULL;

		printf("%10u%10u%12u\n", group->group, group->refcount,
		       group->group_seq);
		while ((sampler = next_sampler(groups, group, sampler)))
			write_sampler(sampler);
		if (!next_sampler(groups, group, NULL) && groups->has_samplers)
			puts("            fed by no tc filter: by a switch "
			     "driver, or an action without filter");
	}
}

static json_t *sampler_object(const struct sampler *sampler)
{
	json_t *object = json_object();
	char hook[SAMPLER_HOOK_BYTES];
	char link[IF_NAMESIZE];
	int err = 0;

	sampler_hook(sampler, hook);
	sampler_link(sampler, link);
	err |= json_put(object, "interface", json_string(link));
	err |= json_put(object, "ifindex", json_count(sampler->ifindex));
	err |= json_put(object, "hook", json_string(hook));
	err |= json_put(object, "filter", json_string(sampler->kind));
	err |= json_put(object, "pref", json_count(sampler->pref));
	err |= json_put(object, "chain", json_count(sampler->chain));
	err |= json_put(object, "handle", json_count(sampler->handle));
	err |= json_put(object, "rate", json_count(sampler->rate));
	if (sampler->truncates)
		err |= json_put(object, "trunc", json_count(sampler->trunc));
	err |= json_put(object, "packets", json_count(sampler->packets));
	err |= json_put(object, "bytes", json_count(sampler->bytes));
	err |= json_put(object, "in_hw", json_boolean(sampler->in_hw));
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *group_object(const struct groups *groups,
			    const struct psr_group *group)
{
	const struct sampler *sampler = NULL;
	json_t *object = json_object();
	json_t *fed_by = json_array();
	int err = 0;

	while ((sampler = next_sampler(groups, group, sampler)))
		err |= json_array_append_new(fed_by, sampler_object(sampler));
	err |= json_put(object, "group", json_count(group->group));
	err |= json_put(object, "refcount", json_count(group->refcount));
	err |= json_put(object, "group_seq", json_count(group->group_seq));
	/* Absent where tc could not be asked: nothing is not nobody. */
	if (groups->has_samplers)
		err |= json_put(object, "fed_by", fed_by);
	else
		json_decref(fed_by);
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

static int write_json(const struct groups *groups)
{
	for (int i = 0; i < groups->count; i++) {
		json_t *object = group_object(groups, &groups->all[i]);

		if (!object)
			return -ENOMEM;
		json_dumpf(object, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(object);
	}
	return 0;
}

/* Return: an exit status. */
static int groups_write(struct groups *groups, uint32_t format)
{
	const char *cause = NULL;
	int err;

	groups->count = groups_read(&groups->all, &cause);
	if (groups->count < 0) {
		fprintf(stderr, "psring groups: %s\n",
			cause ? cause : strerrordesc_np(-groups->count));
		return EXIT_FAILED;
	}
	err = samplers_read(&groups->samplers);
	groups->has_samplers = !err;
	if (err)
		fprintf(stderr, "psring groups: asking for tc's filters: %s\n",
			strerrordesc_np(-err));
	if (format != OPTIONS_JSON)
		write_text(groups);
	else if (write_json(groups))
		return fputs("psring groups: no memory\n", stderr), EXIT_FAILED;
	return output_end();
}

int groups_main(int argc, char **argv)
{
	struct groups groups = { 0 };
	struct options options;
	int status;

	status = options_parse(&options, &command, argc, argv);
	if (status >= 0)
		return status;
	status = groups_write(&groups, options.format);
	samplers_free(&groups.samplers);
	free(groups.all);
	return status;
}
