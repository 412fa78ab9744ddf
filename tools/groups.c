/* SPDX-License-Identifier: MIT */
/*
 * psring groups - list the kernel's sample groups
 *
 * A group is there as long as something samples into it: a tc rule, a switch
 * driver. What Open vSwitch samples is in no such list.
 */
#include "options.h"
#include "output.h"
#include "subcommands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct options_command command = {
	.name = "groups",
	.text = "List the kernel's sample groups in this network namespace.",
	.example = "psring groups --format json",
	.sections = OPTIONS_SECTION_NETNS | OPTIONS_SECTION_FORMAT,
};

/*
 * All groups there are: the number may grow between asking for it and asking
 * for the groups, hence the loop.
 */
static int read_groups(struct psr_group **ret_groups, const char **reterr_cause)
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

static void write_text(const struct psr_group *groups, int count)
{
	if (!count) {
		fputs("psring: no sample groups. To sample one in 100 packets "
		      "that come in at eth0:\n"
		      "  tc qdisc add dev eth0 clsact\n"
		      "  tc filter add dev eth0 ingress matchall action sample "
		      "rate 100 group 5 trunc 128\n",
		      stderr);
		return;
	}
	printf("%10s%10s%12s\n", "group", "refcount", "group_seq");
	for (int i = 0; i < count; i++)
		printf("%10u%10u%12u\n", groups[i].group, groups[i].refcount,
		       groups[i].group_seq);
}

static void write_json(const struct psr_group *groups, int count)
{
	for (int i = 0; i < count; i++)
		printf("{\"group\":%u,\"refcount\":%u,\"group_seq\":%u}\n",
		       groups[i].group, groups[i].refcount,
		       groups[i].group_seq);
}

int groups_main(int argc, char **argv)
{
	struct psr_group *groups = NULL;
	const char *cause = NULL;
	struct options options;
	int count, status;

	status = options_parse(&options, &command, argc, argv);
	if (status >= 0)
		return status;
	count = read_groups(&groups, &cause);
	if (count < 0) {
		fprintf(stderr, "psring groups: %s\n",
			cause ? cause : strerrordesc_np(-count));
		return EXIT_FAILED;
	}
	if (options.format == OPTIONS_JSON)
		write_json(groups, count);
	else
		write_text(groups, count);
	free(groups);
	return output_end();
}
