/* SPDX-License-Identifier: MIT */
/*
 * What loses samples, or says that they were lost, on a system where they come.
 */
#include "doctor.h"

#include "human.h"
#include "plain.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLD_MAX      16
#define IFINDEX_SENT  UINT16_MAX /* psample.c: nla_put_u16 */
#define PACKET_MAX    65535	 /* psample.c: PSAMPLE_MAX_PACKET_SIZE */
#define TRUNC_MODEST  1500	 /* above, the charge is that of many pages */
#define TRUNC_ADVISED 128

/* What tc calls it; NULL: more than a word. */
static const char *control_word(int32_t control)
{
	switch (control) {
	case TC_ACT_UNSPEC:
		return "continue";
	case TC_ACT_OK:
		return "pass";
	case TC_ACT_RECLASSIFY:
		return "reclassify";
	case TC_ACT_SHOT:
		return "drop";
	case TC_ACT_PIPE:
		return "pipe";
	case TC_ACT_TRAP:
		return "trap";
	default:
		return NULL;
	}
}

static void tell_long(struct doctor *doctor, const struct sampler *sampler,
		      uint32_t bytes)
{
	const char *control = control_word(sampler->control);
	char text[SAMPLER_TEXT_BYTES], number[HUMAN_MAX];

	sampler_describe(sampler, text);
	human_digits(number, (uint64_t)doctor_holds(doctor, bytes));
	doctor_tell(doctor, VERDICT_WARN, "trunc",
		    "%s: the receive buffer holds %s samples of %u bytes", text,
		    number, bytes);
	if (control)
		doctor_mend(doctor,
			    "tc actions change action sample rate %u group %u "
			    "trunc %u %s index %u",
			    sampler->rate, sampler->group, TRUNC_ADVISED,
			    control, sampler->action_index);
}

/* Segments that are yet to be cut have up to 64 KiB. */
void check_trunc(struct doctor *doctor)
{
	uint32_t told = 0;

	for (uint32_t i = 0; i < doctor->samplers.count && told < TOLD_MAX;
	     i++) {
		const struct sampler *sampler = &doctor->samplers.all[i];
		uint32_t bytes = PACKET_MAX;

		if (sampler->truncates && sampler->trunc < bytes)
			bytes = sampler->trunc;
		if (bytes <= TRUNC_MODEST)
			continue;
		told++;
		tell_long(doctor, sampler, bytes);
	}
}

void check_ifindex(struct doctor *doctor)
{
	struct if_nameindex *links = if_nameindex();

	for (const struct if_nameindex *link = links; link && link->if_index;
	     link++) {
		char name[IF_NAMESIZE];

		if (link->if_index <= IFINDEX_SENT)
			continue;
		snprintf(name, sizeof(name), "%s", link->if_name);
		plain_word(name);
		doctor_tell(doctor, VERDICT_WARN, "ifindex",
			    "%s is interface %u, of which samples have 16 "
			    "bits: they say %u",
			    name, link->if_index,
			    link->if_index & IFINDEX_SENT);
		doctor_mend(doctor,
			    "ip link add %s index N ... # anew, N below 65536",
			    name);
	}
	if (links)
		if_freenameindex(links);
}

/* A mask of CPUs, as in "00000000,0000000f": RPS deals packets out to them. */
static int cpus_of_rps(int queues, const char *queue)
{
	char path[NAME_MAX + 16], mask[512] = "";
	int count = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/rps_cpus", queue);
	fd = openat(queues, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, mask, sizeof(mask) - 1) < 0)
		mask[0] = '\0';
	close(fd);
	for (const char *at = mask; *at; at++) {
		const char digit[2] = { *at, '\0' };

		count += __builtin_popcountl(strtoul(digit, NULL, 16));
	}
	return count;
}

/* How many CPUs may receive from the link at the same time, at the least. */
static int cpus_of_link(const char *link)
{
	char path[64];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", link);
	dir = opendir(path);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while (dir && (entry = readdir(dir))) {
		int rps;

		if (strncmp(entry->d_name, "rx-", 3) != 0)
			continue;
		rps = cpus_of_rps(dirfd(dir), entry->d_name);
		count += rps ? rps : 1;
	}
	if (dir)
		closedir(dir);
	return count;
}

static int feeders(const struct samplers *samplers, uint32_t group)
{
	int count = 0;

	for (uint32_t i = 0; i < samplers->count; i++)
		if (samplers->all[i].group == group)
			count += cpus_of_link(samplers->all[i].link);
	return count;
}

static int is_first_of_group(const struct samplers *samplers, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (samplers->all[i].group == samplers->all[at].group)
			return 0;
	return 1;
}

/* psample.c: group->seq++ takes no lock. */
void check_cpus(struct doctor *doctor)
{
	const struct samplers *samplers = &doctor->samplers;
	uint32_t told = 0;

	/* /sys has the links of the namespace in which it was mounted. */
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || doctor->options->netns)
		return;
	for (uint32_t i = 0; i < samplers->count && told < TOLD_MAX; i++) {
		uint32_t group = samplers->all[i].group;
		int count;

		if (!is_first_of_group(samplers, i))
			continue;
		count = feeders(samplers, group);
		if (count < 2)
			continue;
		told++;
		doctor_tell(
			doctor, VERDICT_OK, "cpus",
			"several CPUs may feed group %u (%d receive queues, "
			"or CPUs of RPS): gaps and repeats in its numbers "
			"are no loss, only lost_socket is",
			group, count);
	}
}
