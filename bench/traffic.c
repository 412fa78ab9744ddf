/* SPDX-License-Identifier: MIT */
/*
 * The samples that a reader shall receive: the synthetic source, and the veth
 * pair into which it sends for a kernel.
 *
 * The kernel samples a packet in the context of the thread that sends it, at
 * the egress of one end. There tc's "trap" also ends it: the other end would
 * cost that CPU a receive path, and, when its backlog is full, veth_xmit tells
 * the sender of a drop (Linux 6.6: NET_XMIT_DROP, ENOBUFS for a packet socket)
 * though the sample was taken: the sender would send it twice.
 *
 * Only IPv4 is sampled: IPv6 has things of its own to say on a new interface.
 */
#include "traffic.h"

#include "control.h"
#include "synthetic.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define USERSOCK_GROUP 30
#define LINK	       "psring0"
#define LINK_PEER      "psring1"
#define WORDS_MAX      24
#define GIVE_UP_MS     1000

struct traffic {
	bool has_link;
	struct synthetic *synthetic;
};

struct command {
	char *words[WORDS_MAX]; /* ends with NULL */
	const char *cause;	/* if it fails */
};

/* Return: 0 or -errno of starting it. It has no input, and is not heard. */
static int command_spawn(const struct command *command, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !err; fd++)
		err = posix_spawn_file_actions_addopen(&actions, fd,
						       "/dev/null", O_RDWR, 0);
	if (!err)
		err = posix_spawnp(ret_pid, command->words[0], &actions, NULL,
				   command->words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int command_run(const struct command *command, const char **reterr_cause)
{
	int status = -1;
	pid_t pid;
	int err = command_spawn(command, &pid);

	if (err) {
		*reterr_cause =
			err == -ENOENT ? "ip or tc is missing: install iproute2"
				       : "starting ip or tc";
		return err;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	*reterr_cause = command->cause;
	return -EOPNOTSUPP;
}

/*
 * The kernel takes a filter apart in the background, and its sample group with
 * it (net/sched/cls_matchall.c: mall_destroy). The next one shall find a new
 * group, that counts from 0.
 */
static void link_remove(void)
{
	const struct command remove = {
		{ "ip", "link", "delete", "dev", LINK },
		"",
	};
	const char *cause;

	(void)command_run(&remove, &cause);
	for (int ms = 0; ms < GIVE_UP_MS && psr_groups(NULL, 0, NULL) > 0; ms++)
		usleep(1000);
}

static int link_build(uint32_t size, const char **reterr_cause)
{
	char trunc[16];
	const struct command commands[] = {
		{ { "ip", "link", "add", "dev", LINK, "up", "mtu", "65535",
		    "type", "veth", "peer", "name", LINK_PEER },
		  "ip could not make a veth pair (root, CONFIG_VETH)" },
		{ { "tc", "qdisc", "add", "dev", LINK, "clsact" },
		  "tc could not add clsact (CONFIG_NET_SCH_INGRESS)" },
		{ { "tc", "filter", "add", "dev", LINK, "egress", "protocol",
		    "ip", "matchall", "action", "sample", "rate", "1", "group",
		    "1", "trunc", trunc, "trap" },
		  "tc could not add action sample (CONFIG_NET_ACT_SAMPLE, "
		  "CONFIG_NET_CLS_MATCHALL)" },
	};
	int err = 0;

	snprintf(trunc, sizeof(trunc), "%u", size);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		err = command_run(&commands[i], reterr_cause);
		if (err && i > 0)
			link_remove();
		if (err)
			break;
	}
	return err;
}

int traffic_private_network(const char **reterr_cause)
{
	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	*reterr_cause = "a network namespace needs CAP_SYS_ADMIN (run as root)";
	return -errno;
}

int traffic_kernel_probe(const char **reterr_cause)
{
	const struct traffic_config config = {
		.kernel = true,
		.size = SYNTHETIC_SIZE_MIN,
		.group_count = 1,
		.cpu = -1,
	};
	struct traffic *traffic;
	struct family family;
	int err = traffic_open(&config, &traffic, reterr_cause);

	if (err)
		return err;
	/* Not before: tc has loaded the module. */
	err = control_find_family(&family, reterr_cause);
	traffic_close(traffic);
	return err;
}

static int traffic_build(struct traffic *traffic,
			 const struct traffic_config *config,
			 const char **reterr_cause)
{
	struct synthetic_config source;
	int err;

	synthetic_config_init(&source);
	source.usersock_group = USERSOCK_GROUP;
	source.punctual = config->punctual;
	source.rate = config->rate;
	source.size = config->size;
	source.group_count = config->group_count;
	source.cpu = config->cpu;
	if (config->kernel) {
		err = link_build(config->size, reterr_cause);
		if (err)
			return err;
		traffic->has_link = true;
		source.interface = if_nametoindex(LINK);
	}
	return synthetic_open(&source, &traffic->synthetic, reterr_cause);
}

int traffic_open(const struct traffic_config *config,
		 struct traffic **ret_traffic, const char **reterr_cause)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));
	int err;

	if (!traffic) {
		*reterr_cause = "memory for the traffic";
		return -ENOMEM;
	}
	err = traffic_build(traffic, config, reterr_cause);
	if (err) {
		traffic_close(traffic);
		return err;
	}
	*ret_traffic = traffic;
	return 0;
}

void traffic_configure(const struct traffic *traffic, struct psr_config *config)
{
	if (traffic->has_link) {
		config->source = PSR_SOURCE_PSAMPLE;
		return;
	}
	config->source = PSR_SOURCE_USERSOCK;
	config->usersock_group = USERSOCK_GROUP;
	config->usersock_portid = synthetic_portid(traffic->synthetic);
}

int traffic_start(struct traffic *traffic)
{
	return synthetic_start(traffic->synthetic);
}

void traffic_stop(struct traffic *traffic)
{
	synthetic_stop(traffic->synthetic);
}

int traffic_error(const struct traffic *traffic)
{
	int verdict = synthetic_wait(traffic->synthetic, 0);

	return verdict < 0 ? verdict : 0;
}

uint64_t traffic_sent(const struct traffic *traffic)
{
	return synthetic_sent(traffic->synthetic);
}

uint64_t traffic_cpu_ns(const struct traffic *traffic)
{
	return synthetic_cpu_ns(traffic->synthetic);
}

void traffic_close(struct traffic *traffic)
{
	if (!traffic)
		return;
	synthetic_close(traffic->synthetic);
	if (traffic->has_link)
		link_remove();
	free(traffic);
}
