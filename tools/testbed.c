/* SPDX-License-Identifier: MIT */
/*
 * The testbed: what ip and tc are told to build, and what tc says it counted.
 *
 * The kernel samples a packet in the context of the thread that sends it, at
 * the egress of one end. There tc's "trap" also ends it: the other end would
 * cost that CPU a receive path, and, when its backlog is full, veth_xmit tells
 * the sender of a drop (Linux 6.6: NET_XMIT_DROP, ENOBUFS for a packet socket)
 * though the sample was taken: the sender would send it twice.
 *
 * All groups hang on one filter, an action each: every packet passes all of
 * them, so that each group is offered exactly as many packets as were sent.
 *
 * Only IPv4 is sampled: IPv6 has things of its own to say on a new interface.
 */
#include "testbed.h"

#include "psring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINK	   "psring0"
#define LINK_PEER  "psring1"
#define WORDS_MAX  384
#define TEXT_BYTES 4096
#define JSON_BYTES 65536
#define GIVE_UP_MS 1000

static_assert(WORDS_MAX > 16 + 9 * TESTBED_GROUPS_MAX, "a filter's words");
static_assert(TEXT_BYTES > 128 + 64 * TESTBED_GROUPS_MAX, "a filter's text");
static_assert(JSON_BYTES > 1024 * TESTBED_GROUPS_MAX, "what tc says of it");

/* A line for ip or tc, without a shell: no word holds a space. */
struct command {
	char text[TEXT_BYTES];
	const char *cause; /* if it fails */
};

static void command_split(char *text, char *ret_words[WORDS_MAX])
{
	size_t count = 0;
	char *rest;

	for (char *word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		ret_words[count++] = word;
	ret_words[count] = NULL;
}

/* No input; @output_fd: -1: not heard. */
static int command_files(posix_spawn_file_actions_t *actions, int output_fd,
			 bool verbose)
{
	int err;

	err = posix_spawn_file_actions_addopen(actions, STDIN_FILENO,
					       "/dev/null", O_RDONLY, 0);
	if (!err && output_fd >= 0)
		err = posix_spawn_file_actions_adddup2(actions, output_fd,
						       STDOUT_FILENO);
	else if (!err)
		err = posix_spawn_file_actions_addopen(
			actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (!err && !verbose)
		err = posix_spawn_file_actions_addopen(
			actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	return err;
}

static int command_spawn(const struct command *command, int output_fd,
			 bool verbose, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	struct command copy = *command;
	char *words[WORDS_MAX];
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	if (verbose)
		fprintf(stderr, "+ %s\n", command->text);
	command_split(copy.text, words);
	assert(words[0]);
	err = command_files(&actions, output_fd, verbose);
	if (!err)
		err = posix_spawnp(ret_pid, words[0], &actions, NULL, words,
				   environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static const char *spawn_cause(int err)
{
	return err == -ENOENT ? "ip or tc is missing: install iproute2"
			      : "starting ip or tc";
}

static bool command_succeeded(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int command_run(const struct command *command, bool verbose,
		       const char **reterr_cause)
{
	pid_t pid = 0;
	int err = command_spawn(command, -1, verbose, &pid);

	if (err) {
		*reterr_cause = spawn_cause(err);
		return err;
	}
	if (command_succeeded(pid))
		return 0;
	*reterr_cause = command->cause;
	return -EOPNOTSUPP;
}

/* All there is to read, or NULL. An end of io_uring elsewhere may interrupt. */
static json_t *read_json(int fd)
{
	char text[JSON_BYTES];
	size_t length = 0;
	ssize_t count;

	do {
		count = read(fd, text + length, sizeof(text) - length);
		if (count > 0)
			length += (size_t)count;
	} while (count > 0 || (count < 0 && errno == EINTR));
	return json_loadb(text, length, 0, NULL);
}

/* Return: what the command printed, or NULL; in JSON. */
static json_t *command_read(const struct command *command, bool verbose,
			    const char **reterr_cause)
{
	json_t *json = NULL;
	int pipe_fds[2];
	pid_t pid = 0;
	int err;

	*reterr_cause = "a pipe to tc";
	if (pipe2(pipe_fds, O_CLOEXEC))
		return NULL;
	err = command_spawn(command, pipe_fds[1], verbose, &pid);
	close(pipe_fds[1]);
	*reterr_cause = err ? spawn_cause(err) : command->cause;
	if (!err) {
		json = read_json(pipe_fds[0]);
		command_succeeded(pid);
	}
	close(pipe_fds[0]);
	return json;
}

static void filter_command(const struct testbed_config *config,
			   struct command *ret_command)
{
	char *text = ret_command->text;
	size_t length;

	length = (size_t)snprintf(text, TEXT_BYTES,
				  "tc filter add dev " LINK
				  " egress protocol ip matchall");
	for (uint32_t group = 1;
	     config->sample_rate && group <= config->group_count; group++)
		length += (size_t)snprintf(
			text + length, TEXT_BYTES - length,
			" action sample rate %u group %u trunc %u",
			config->sample_rate, group, config->trunc);
	/* By the last sampling action itself, or else act_gact. */
	snprintf(text + length, TEXT_BYTES - length, "%s trap",
		 config->sample_rate ? "" : " action");
	ret_command->cause =
		"tc could not add a filter that samples: modprobe -a "
		"act_sample act_gact cls_matchall (CONFIG_NET_ACT_SAMPLE, "
		"CONFIG_NET_ACT_GACT, CONFIG_NET_CLS_MATCHALL)";
}

/*
 * The kernel takes a filter apart in the background, and its sample groups with
 * it (net/sched/cls_matchall.c: mall_destroy). The next ones shall be new, and
 * count from 0.
 */
static void link_remove(bool verbose)
{
	const struct command remove = { "ip link delete dev " LINK, "" };
	const char *cause;

	(void)command_run(&remove, verbose, &cause);
	for (int ms = 0; ms < GIVE_UP_MS && psr_groups(NULL, 0, NULL) > 0; ms++)
		usleep(1000);
}

static int link_build(const struct testbed_config *config,
		      const char **reterr_cause)
{
	struct command commands[] = {
		{ "ip link add dev " LINK
		  " up mtu 65535 type veth peer name " LINK_PEER,
		  "ip could not make a veth pair: run as root, modprobe veth "
		  "(CONFIG_VETH)" },
		{ "tc qdisc add dev " LINK " clsact",
		  "tc could not add clsact: modprobe sch_ingress "
		  "(CONFIG_NET_SCH_INGRESS)" },
		{ "", "" },
	};
	int err = 0;

	filter_command(config, &commands[2]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		err = command_run(&commands[i], config->verbose, reterr_cause);
		if (err && i > 0)
			link_remove(config->verbose);
		if (err)
			break;
	}
	return err;
}

int testbed_private_network(const char **reterr_cause)
{
	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	*reterr_cause = "a network namespace needs CAP_SYS_ADMIN (run as root)";
	return -errno;
}

int testbed_open(const struct testbed_config *config,
		 struct testbed *ret_testbed, const char **reterr_cause)
{
	int err = link_build(config, reterr_cause);

	if (!err)
		*ret_testbed =
			(struct testbed){ *config, if_nametoindex(LINK) };
	return err;
}

/* The first action of the filter sees every packet. */
static json_t *first_action(const json_t *filters)
{
	const json_t *filter;
	json_t *action;
	size_t i;

	json_array_foreach(filters, i, filter)
	{
		action = json_array_get(
			json_object_get(json_object_get(filter, "options"),
					"actions"),
			0);
		if (action)
			return action;
	}
	return NULL;
}

int testbed_hooked(const struct testbed *testbed, uint64_t *ret_packets,
		   const char **reterr_cause)
{
	const struct command show = {
		"tc -s -j filter show dev " LINK " egress",
		"tc tells no statistics in JSON: install iproute2 6.1 or newer",
	};
	json_t *filters =
		command_read(&show, testbed->config.verbose, reterr_cause);
	const json_t *packets;
	bool found;

	packets = json_object_get(
		json_object_get(first_action(filters), "stats"), "packets");
	found = json_is_integer(packets);
	if (found)
		*ret_packets = (uint64_t)json_integer_value(packets);
	json_decref(filters);
	return found ? 0 : -EBADMSG;
}

void testbed_close(const struct testbed *testbed)
{
	link_remove(testbed->config.verbose);
}
