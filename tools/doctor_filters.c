/* SPDX-License-Identifier: MIT */
/*
 * Why there are no samples: whether tc is told to sample at all, in which
 * network namespace, and whether packets come by.
 */
#include "doctor.h"

#include "clocks.h"
#include "human.h"
#include "netns.h"
#include "plain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAMESPACES     "/run/netns" /* where ip netns keeps them */
#define NAMESPACES_MAX 256
#define TOLD_MAX       16
#define SECOND_NS      1000000000ULL
#define NAME_BYTES     (NAME_MAX + 1)

/* A namespace that has what this one lacks. */
struct elsewhere {
	char name[NAME_BYTES];
	uint32_t samplers;
	int is_closed; /* one could not be looked into */
};

/* Return: how many sample actions it has; -1: it cannot be entered. */
static int look_into(int namespaces, const char *name)
{
	struct samplers samplers = { 0 };
	int count;

	if (netns_enter_at(namespaces, name))
		return -1;
	samplers_read(&samplers);
	count = (int)samplers.count;
	samplers_free(&samplers);
	return count;
}

/* Enters the named namespaces one by one, until one of them samples. */
static void look_elsewhere(struct elsewhere *ret_elsewhere)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	DIR *dir = home < 0 ? NULL : opendir(NAMESPACES);
	struct dirent *entry;
	int left = NAMESPACES_MAX;

	*ret_elsewhere = (struct elsewhere){ 0 };
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while (dir && left-- && (entry = readdir(dir))) {
		int count;

		if (entry->d_name[0] == '.')
			continue;
		count = look_into(dirfd(dir), entry->d_name);
		ret_elsewhere->is_closed |= count < 0;
		if (count <= 0)
			continue;
		snprintf(ret_elsewhere->name, sizeof(ret_elsewhere->name), "%s",
			 entry->d_name);
		plain_word(ret_elsewhere->name);
		ret_elsewhere->samplers = (uint32_t)count;
		break;
	}
	/* What was entered by a right that setns back needs as well. */
	if (dir && setns(home, CLONE_NEWNET))
		ret_elsewhere->is_closed = 1;
	if (dir)
		closedir(dir);
	if (home >= 0)
		close(home);
}

/* Not by /sys, which is that of the namespace in which it was mounted. */
enum link_state {
	LINK_DOWN,
	LINK_UNPLUGGED,
	LINK_RUNS,
};

static enum link_state link_look(const char *link)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", link);
	if (fd < 0)
		return LINK_DOWN;
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		request.ifr_flags = 0;
	close(fd);
	if (!(request.ifr_flags & IFF_UP))
		return LINK_DOWN;
	return request.ifr_flags & IFF_RUNNING ? LINK_RUNS : LINK_UNPLUGGED;
}

/* For an example: the first that is not the loopback, and runs. */
static void example_link(char ret_name[IF_NAMESIZE])
{
	struct if_nameindex *links = if_nameindex();

	snprintf(ret_name, IF_NAMESIZE, "eth0");
	for (const struct if_nameindex *link = links; link && link->if_index;
	     link++) {
		if (!strcmp(link->if_name, "lo") ||
		    link_look(link->if_name) != LINK_RUNS)
			continue;
		snprintf(ret_name, IF_NAMESIZE, "%s", link->if_name);
		plain_word(ret_name);
		break;
	}
	if (links)
		if_freenameindex(links);
}

static void tell_no_filters(struct doctor *doctor)
{
	int has_ovs = !access("/sys/module/openvswitch", F_OK);
	struct elsewhere elsewhere;
	char link[IF_NAMESIZE];

	if (doctor->group_count > 0) {
		doctor_tell(doctor, VERDICT_OK, "filters",
			    "no filter of tc samples here: a switch driver "
			    "feeds the groups, or an action without filter");
		return;
	}
	look_elsewhere(&elsewhere);
	if (elsewhere.samplers) {
		doctor_tell(doctor, VERDICT_FAIL, "filters",
			    "nothing samples in this network namespace, but "
			    "%u in namespace %s: samples are heard only there",
			    elsewhere.samplers, elsewhere.name);
		doctor_mend(doctor, "psring dump --netns %s", elsewhere.name);
		return;
	}
	example_link(link);
	doctor_tell(doctor, has_ovs ? VERDICT_WARN : VERDICT_FAIL, "filters",
		    "no sample group, and no filter of tc samples%s%s",
		    has_ovs ? " but maybe Open vSwitch, which is in no list"
			    : "",
		    elsewhere.is_closed ? " (other network namespaces cannot "
					  "be looked into: CAP_SYS_ADMIN)"
					: "");
	if (doctor->is_built_without)
		return; /* then tc cannot either */
	doctor_mend(doctor,
		    "tc qdisc add dev %s clsact; tc filter add dev %s ingress "
		    "matchall action sample rate 100 group 5 trunc 128",
		    link, link);
}

void check_filters(struct doctor *doctor)
{
	int err = samplers_read(&doctor->samplers);
	uint32_t count = doctor->samplers.count;

	if (err)
		doctor_tell(doctor, VERDICT_WARN, "filters",
			    "tc's filters cannot be read: %s",
			    strerrordesc_np(-err));
	else if (count)
		doctor_tell(doctor, VERDICT_OK, "filters",
			    "%u sample action%s of tc", count,
			    count == 1 ? "" : "s");
	else
		tell_no_filters(doctor);
}

/* One that was replaced meanwhile may count from nothing again: it is another. */
static const struct sampler *find_again(const struct samplers *samplers,
					const struct sampler *sampler)
{
	for (uint32_t i = 0; i < samplers->count; i++) {
		const struct sampler *other = &samplers->all[i];

		if (other->ifindex == sampler->ifindex &&
		    other->parent == sampler->parent &&
		    other->pref == sampler->pref &&
		    other->handle == sampler->handle &&
		    other->action_index == sampler->action_index &&
		    other->packets >= sampler->packets)
			return other;
	}
	return NULL;
}

static void tell_packets(struct doctor *doctor, const struct sampler *sampler,
			 uint64_t packets, double seconds)
{
	char text[SAMPLER_TEXT_BYTES], number[HUMAN_MAX],
		hook[SAMPLER_HOOK_BYTES];
	static const char *const states[] = {
		[LINK_DOWN] = "; the link is down",
		[LINK_UNPLUGGED] = "; the link has no carrier",
		[LINK_RUNS] = "",
	};
	enum link_state state = link_look(sampler->link);
	char link[IF_NAMESIZE];

	sampler_describe(sampler, text);
	if (packets) {
		doctor_tell(doctor, VERDICT_OK, "packets",
			    "%s: %s packet%s in %g s, so about %.3g samples a "
			    "second",
			    text, human_digits(number, packets),
			    packets == 1 ? "" : "s", seconds,
			    (double)packets / sampler->rate / seconds);
		return;
	}
	doctor_tell(doctor, VERDICT_WARN, "packets",
		    "%s: no packet came by in %g s, %s since it was made%s",
		    text, seconds, human_digits(number, sampler->packets),
		    states[state]);
	sampler_hook(sampler, hook);
	sampler_link(sampler, link);
	plain_word(link);
	if (state == LINK_DOWN)
		doctor_mend(doctor, "ip link set %s up", link);
	else
		doctor_mend(doctor, "tc -s filter show dev %s %s", link, hook);
}

/* Two looks at the counters, some time apart. */
void check_packets(struct doctor *doctor)
{
	uint64_t duration_ns = doctor->options->duration_ns
				       ? doctor->options->duration_ns
				       : SECOND_NS;
	const struct timespec pause = clock_timespec((int64_t)duration_ns);
	struct samplers after = { 0 };
	uint32_t told = 0;

	if (!doctor->samplers.count)
		return;
	nanosleep(&pause, NULL);
	samplers_read(&after);
	for (uint32_t i = 0; i < doctor->samplers.count && told < TOLD_MAX;
	     i++) {
		const struct sampler *before = &doctor->samplers.all[i];
		const struct sampler *now = find_again(&after, before);

		if (!now || !now->rate)
			continue;
		tell_packets(doctor, now, now->packets - before->packets,
			     (double)duration_ns / SECOND_NS);
		told++;
	}
	samplers_free(&after);
}
