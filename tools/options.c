/* SPDX-License-Identifier: MIT */
/*
 * The table of all options and what follows from it.
 *
 * An entry of the table holds where its value goes (an offset into struct
 * options), how it is read, and what is allowed: the limits of a number, or
 * the words of its argument text, where the place of a word in the list is its
 * value. Defaults come from psr_config_init and synthetic_config_init, and the
 * usage text prints them from there.
 */
#include "options.h"

#include "number.h"
#include "output.h"
#include "subcommands.h"

#include <getopt.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What getopt_long returns for entry 0; beyond every character. */
#define ENTRY_FIRST 256

struct entry {
	const char *name;
	const char *argument; /* "": a switch */
	char letter;	      /* another name; 0: none */
	const char *help;
	unsigned int section;
	int (*parse)(struct options *options, const struct entry *entry,
		     const char *text);
	size_t offset;
	uint64_t min; /* of a number */
	uint64_t max;
	const char *allowed; /* in words; NULL: min to max */
};

static void store_u32(struct options *options, const struct entry *entry,
		      uint32_t value)
{
	memcpy((char *)options + entry->offset, &value, sizeof(value));
}

static uint32_t load_u32(const struct options *options,
			 const struct entry *entry)
{
	uint32_t value;

	memcpy(&value, (const char *)options + entry->offset, sizeof(value));
	return value;
}

static int in_limits(const struct entry *entry, uint64_t value)
{
	return value >= entry->min && value <= entry->max;
}

static int parse_u32(struct options *options, const struct entry *entry,
		     const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || !in_limits(entry, value))
		return -1;
	store_u32(options, entry, (uint32_t)value);
	return 0;
}

static int parse_bytes(struct options *options, const struct entry *entry,
		       const char *text)
{
	uint64_t value;

	if (number_parse_bytes(text, &value) || !in_limits(entry, value))
		return -1;
	store_u32(options, entry, (uint32_t)value);
	return 0;
}

static int parse_power_of_two(struct options *options,
			      const struct entry *entry, const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || (value & (value - 1)))
		return -1;
	return parse_u32(options, entry, text);
}

static int parse_switch(struct options *options, const struct entry *entry,
			const char *text)
{
	(void)text;
	store_u32(options, entry, 1);
	return 0;
}

/* A word of "this|that|other"; its value is its place. */
static int parse_word(struct options *options, const struct entry *entry,
		      const char *text)
{
	const char *word = entry->argument;
	size_t length = strlen(text);
	uint32_t place = 0;

	while (strcspn(word, "|") != length ||
	       memcmp(word, text, length) != 0) {
		word += strcspn(word, "|");
		if (!*word)
			return -1;
		word++;
		place++;
	}
	store_u32(options, entry, place);
	return 0;
}

static int parse_usersock(struct options *options, const struct entry *entry,
			  const char *text)
{
	static const char prefix[] = "usersock:";
	size_t length = sizeof(prefix) - 1;

	if (strncmp(text, prefix, length) != 0)
		return -1;
	return parse_u32(options, entry, text + length);
}

static int parse_source(struct options *options, const struct entry *entry,
			const char *text)
{
	options->engine.source = PSR_SOURCE_USERSOCK;
	options->engine.usersock_group = 0;
	if (!strcmp(text, "synthetic")) {
		options->source = OPTIONS_SYNTHETIC;
		return 0;
	}
	if (!strcmp(text, "psample")) {
		options->source = OPTIONS_PSAMPLE;
		options->engine.source = PSR_SOURCE_PSAMPLE;
		return 0;
	}
	options->source = OPTIONS_USERSOCK;
	return parse_usersock(options, entry, text);
}

static int parse_groups(struct options *options, const struct entry *entry,
			const char *text)
{
	int count = number_parse_list(text, entry->max, options->groups,
				      PSR_WANTED_MAX);

	if (count < 0)
		return -1;
	options->engine.groups = options->groups;
	options->engine.group_count = (uint32_t)count;
	return 0;
}

static int parse_cpus(struct options *options, const struct entry *entry,
		      const char *text)
{
	uint32_t cpus[PSR_QUEUES_MAX];
	int count = number_parse_list(text, entry->max, cpus, PSR_QUEUES_MAX);

	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++)
		options->cpus[i] = (int)cpus[i];
	options->engine.cpus = options->cpus;
	options->cpu_count = (uint32_t)count;
	return 0;
}

static int parse_count(struct options *options, const struct entry *entry,
		       const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || !in_limits(entry, value))
		return -1;
	options->count = value;
	return 0;
}

static int parse_duration(struct options *options, const struct entry *entry,
			  const char *text)
{
	(void)entry;
	return number_parse_seconds(text, &options->duration_ns);
}

/* MS/EVERY */
static int parse_stall(struct options *options, const struct entry *entry,
		       const char *text)
{
	const char *slash = strchr(text, '/');
	char stall[sizeof("4294967295")];
	size_t length = slash ? (size_t)(slash - text) : sizeof(stall);
	uint64_t ms, every;

	if (length >= sizeof(stall))
		return -1;
	memcpy(stall, text, length);
	stall[length] = '\0';
	if (number_parse(stall, &ms) || number_parse(slash + 1, &every) ||
	    ms < 1 || ms >= every || !in_limits(entry, every))
		return -1;
	options->stall_ms = (uint32_t)ms;
	options->stall_every_ms = (uint32_t)every;
	return 0;
}

static int parse_rate(struct options *options, const struct entry *entry,
		      const char *text)
{
	uint64_t value;

	if (!strcmp(text, "max")) {
		options->sender.rate = 0;
		return 0;
	}
	if (number_parse(text, &value) || !in_limits(entry, value))
		return -1;
	options->sender.rate = value;
	return 0;
}

/* Another than root, or nothing would be given up. */
static int parse_user(struct options *options, const struct entry *entry,
		      const char *text)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
	const struct passwd *passwd = getpwnam(text);

	(void)entry;
	if (!passwd || passwd->pw_uid == 0)
		return -1;
	options->user = (struct privileges_user){ .uid = passwd->pw_uid,
						  .gid = passwd->pw_gid,
						  .name = text };
	return 0;
}

#define SOURCE		OPTIONS_SECTION_SOURCE
#define LISTEN		OPTIONS_SECTION_LISTEN
#define ENGINE		OPTIONS_SECTION_ENGINE
#define SENDER		OPTIONS_SECTION_SENDER
#define SAMPLING	OPTIONS_SECTION_SAMPLING
#define STRESS		OPTIONS_SECTION_STRESS
#define STRING_OF(text) #text
#define STRING(macro)	STRING_OF(macro)
#define AT(member)	offsetof(struct options, member)

/* In the order of the enums in psring.h and options.h. */
#define SHARDS	   "seq|cpu|group|iif|flow"
#define TRANSPORTS "auto|uring|recvmmsg|bpf"
#define FORMATS	   "text|json"

static const struct entry entries[] = {
	{
		.name = "to",
		.argument = "usersock:GROUP",
		.help = "the NETLINK_USERSOCK group to send to",
		.section = OPTIONS_SECTION_TO,
		.parse = parse_usersock,
		.offset = AT(to),
		.min = 1,
		.max = 32,
		.allowed = "usersock:GROUP, with a GROUP from 1 to 32",
	},
	{
		.name = "source",
		.argument = "psample|synthetic|usersock:N",
		.help = "the kernel's samples (default), made here, or\n"
			"sent by another process to a NETLINK_USERSOCK group",
		.section = SOURCE,
		.parse = parse_source,
		.offset = AT(engine.usersock_group),
		.min = 1,
		.max = 32,
		.allowed = "psample, synthetic or usersock:N, "
			   "with an N from 1 to 32",
	},
	{
		.name = "wait",
		.argument = "",
		.help = "for psample's module, where it is not loaded yet",
		.section = LISTEN,
		.parse = parse_switch,
		.offset = AT(engine.await_family),
	},
	{
		.name = "user",
		.argument = "NAME",
		.help = "whom root becomes once its sockets are open;\n"
			"default nobody",
		.section = LISTEN,
		.parse = parse_user,
		.allowed = "the name of a user that there is, and not root",
	},
	{
		.name = "thin",
		.argument = "M",
		.help = "take one sample in M, by chance: the kernel holds\n"
			"the others back, and the rate counts them in;\n"
			"default 1: every sample",
		.section = LISTEN,
		.parse = parse_u32,
		.offset = AT(engine.thin),
		.min = 1,
		.max = UINT32_MAX,
	},
	{
		.name = "queues",
		.argument = "N",
		.help = "shards of the stream, each with its rings",
		.section = ENGINE,
		.parse = parse_u32,
		.offset = AT(engine.queue_count),
		.min = 1,
		.max = PSR_QUEUES_MAX,
	},
	{
		.name = "ingest-threads",
		.argument = "N",
		.help = "threads that fill the queues; 0: the consumers do",
		.section = ENGINE,
		.parse = parse_u32,
		.offset = AT(engine.ingest_threads),
		.max = PSR_QUEUES_MAX,
	},
	{
		.name = "consumers",
		.argument = "N",
		.help = "threads that drain the queues; default one a queue",
		.section = ENGINE,
		.parse = parse_u32,
		.offset = AT(consumers),
		.min = 1,
		.max = PSR_QUEUES_MAX,
	},
	{
		.name = "shard",
		.argument = SHARDS,
		.help = "what decides a sample's queue;\n"
			"flow takes --transport bpf",
		.section = ENGINE,
		.parse = parse_word,
		.offset = AT(engine.shard),
		.allowed = SHARDS,
	},
	{
		.name = "transport",
		.argument = TRANSPORTS,
		.help = "how samples leave the socket;\n"
			"auto: uring where it is to be had, else recvmmsg;\n"
			"bpf: the quickest, needs CAP_BPF",
		.section = ENGINE,
		.parse = parse_word,
		.offset = AT(engine.transport),
		.allowed = TRANSPORTS,
	},
	{
		.name = "rcvbuf",
		.argument = "BYTES",
		.help = "receive buffer of each socket, or ring of\n"
			"each queue (bpf); k or M may follow",
		.section = ENGINE,
		.parse = parse_bytes,
		.offset = AT(engine.rcvbuf_bytes),
		.min = 1,
		.max = PSR_RCVBUF_MAX,
	},
	{
		.name = "buffers",
		.argument = "N",
		.help = "receive buffers of each queue; a power of two",
		.section = ENGINE,
		.parse = parse_power_of_two,
		.offset = AT(engine.buffer_count),
		.min = 1,
		.max = PSR_BUFFERS_MAX,
		.allowed = "a power of two, at most " STRING(PSR_BUFFERS_MAX),
	},
	{
		.name = "buffer-bytes",
		.argument = "BYTES",
		.help = "bytes of each; longer messages are truncated;\n"
			"k or M may follow",
		.section = ENGINE,
		.parse = parse_bytes,
		.offset = AT(engine.buffer_bytes),
		.min = PSR_BUFFER_BYTES_MIN,
		.max = PSR_BUFFER_BYTES_MAX,
	},
	{
		.name = "wait-us",
		.argument = "N",
		.help = "at most one wake-up in so many microseconds",
		.section = ENGINE,
		.parse = parse_u32,
		.offset = AT(engine.wait_us),
		.max = PSR_WAIT_US_MAX,
	},
	{
		.name = "busy-poll",
		.argument = "",
		.help = "who fills the queues never sleeps",
		.section = ENGINE,
		.parse = parse_switch,
		.offset = AT(engine.busy_poll),
	},
	{
		.name = "verify-sender",
		.argument = "",
		.help = "reject what the kernel did not send, whatever it\n"
			"says; not with --transport bpf",
		.section = ENGINE,
		.parse = parse_switch,
		.offset = AT(engine.verify_sender),
	},
	{
		.name = "cpus",
		.argument = "LIST",
		.help = "a CPU for each ingest thread, as in 1",
		.section = ENGINE,
		.parse = parse_cpus,
		.max = 1023,
		.allowed = "at most " STRING(
			PSR_QUEUES_MAX) " CPU numbers, one for each ingest thread",
	},
	{
		.name = "groups",
		.argument = "LIST",
		.help = "only these sample groups, as in 5,17",
		.section = ENGINE,
		.parse = parse_groups,
		.max = UINT32_MAX,
		.allowed = "at most " STRING(
			PSR_WANTED_MAX) " group numbers of 32 bits, as in 5,17",
	},
	{
		.name = "rate",
		.argument = "N|max",
		.help = "samples a second, or packets of stress; default max",
		.section = SENDER,
		.parse = parse_rate,
		.min = 1,
		.max = SYNTHETIC_RATE_MAX,
		.allowed = "max, or a number up to " STRING(SYNTHETIC_RATE_MAX),
	},
	{
		.name = "size",
		.argument = "BYTES",
		.help = "bytes of each packet",
		.section = SENDER,
		.parse = parse_u32,
		.offset = AT(sender.size),
		.min = SYNTHETIC_SIZE_MIN,
		.max = SYNTHETIC_SIZE_MAX,
	},
	{
		.name = "group-count",
		.argument = "N",
		.help = "sample groups: 1 to N in turn, or all of them for\n"
			"each packet that stress sends",
		.section = SENDER,
		.parse = parse_u32,
		.offset = AT(sender.group_count),
		.min = 1,
		.max = SYNTHETIC_GROUPS_MAX,
	},
	{
		.name = "interfaces",
		.argument = "N",
		.help = "input interfaces: 1 to N in turn",
		.section = SENDER,
		.parse = parse_u32,
		.offset = AT(sender.interface_count),
		.min = 1,
		.max = SYNTHETIC_INTERFACES_MAX,
	},
	{
		.name = "senders",
		.argument = "N",
		.help = "threads that send",
		.section = SENDER,
		.parse = parse_u32,
		.offset = AT(sender.senders),
		.min = 1,
		.max = SYNTHETIC_SENDERS_MAX,
	},
	{
		.name = "sample-rate",
		.argument = "N",
		.help = "take 1 packet in N, by chance",
		.section = SAMPLING,
		.parse = parse_u32,
		.offset = AT(sample_rate),
		.min = 1,
		.max = INT32_MAX,
	},
	{
		.name = "trunc",
		.argument = "BYTES",
		.help = "bytes of a packet in its sample",
		.section = SAMPLING,
		.parse = parse_u32,
		.offset = AT(trunc),
		.max = SYNTHETIC_SIZE_MAX,
	},
	{
		.name = "max",
		.argument = "",
		.help = "search for the highest rate without loss;\n"
			"--duration is then that of a round, default 1",
		.section = STRESS,
		.parse = parse_switch,
		.offset = AT(max),
	},
	{
		.name = "stall",
		.argument = "MS/EVERY",
		.help = "consumers stop for MS out of every EVERY ms",
		.section = STRESS,
		.parse = parse_stall,
		.min = 1,
		.max = 3600000,
		.allowed = "milliseconds, as in 200/1000: 1 at least, out of "
			   "more, 3600000 at most",
	},
	{
		.name = "chaos",
		.argument = "",
		.help = "rounds of random engines with random stalls and\n"
			"restarts",
		.section = STRESS,
		.parse = parse_switch,
		.offset = AT(chaos),
	},
	{
		.name = "seed",
		.argument = "N",
		.help = "of --chaos: the same seed, the same schedule;\n"
			"default 1",
		.section = STRESS,
		.parse = parse_u32,
		.offset = AT(seed),
		.min = 1,
		.max = UINT32_MAX,
	},
	{
		.name = "verbose",
		.argument = "",
		.letter = 'v',
		.help = "print commands of ip and tc, and what --chaos does",
		.section = STRESS,
		.parse = parse_switch,
		.offset = AT(verbose),
	},
	{
		.name = "count",
		.argument = "N",
		.help = "end after so many samples",
		.section = OPTIONS_SECTION_COUNT,
		.parse = parse_count,
		.min = 1,
		.max = INT64_MAX,
	},
	{
		.name = "duration",
		.argument = "SECONDS",
		.help = "end after so long; decimals allowed",
		.section = OPTIONS_SECTION_DURATION,
		.parse = parse_duration,
		.allowed = "seconds and up to nine decimals, as in 0.5, "
			   "and more than 0",
	},
	{
		.name = "once",
		.argument = "",
		.help = "no lines while it runs, only the ledger at the end:\n"
			"at --count, --duration or a signal",
		.section = OPTIONS_SECTION_ONCE,
		.parse = parse_switch,
		.offset = AT(once),
	},
	{
		.name = "format",
		.argument = FORMATS,
		.help = "json: one object a line",
		.section = OPTIONS_SECTION_FORMAT,
		.parse = parse_word,
		.offset = AT(format),
		.allowed = FORMATS,
	},
	{
		.name = "json",
		.argument = "",
		.help = "the same as --format json",
		.section = OPTIONS_SECTION_FORMAT,
		.parse = parse_switch, /* OPTIONS_JSON is 1 */
		.offset = AT(format),
	},
};

#define ENTRY_COUNT (sizeof(entries) / sizeof(entries[0]))

static void options_init(struct options *ret_options)
{
	*ret_options = (struct options){
		.source = OPTIONS_PSAMPLE,
		.sample_rate = 1,
		.trunc = 128,
		.user = PRIVILEGES_NOBODY,
	};
	psr_config_init(&ret_options->engine);
	synthetic_config_init(&ret_options->sender);
}

static int is_number(const struct entry *entry)
{
	return entry->parse == parse_u32 || entry->parse == parse_bytes ||
	       entry->parse == parse_power_of_two;
}

static void help_default(const struct entry *entry)
{
	struct options defaults;
	const char *word = entry->argument;
	uint32_t value;

	options_init(&defaults);
	value = load_u32(&defaults, entry);
	if (is_number(entry) && in_limits(entry, value))
		printf("; default %u", value);
	if (entry->parse != parse_word)
		return;
	for (; value; value--)
		word += strcspn(word, "|") + 1;
	printf("; default %.*s", (int)strcspn(word, "|"), word);
}

static void help_entry(const struct entry *entry)
{
	const char *line = entry->help;
	size_t length = strcspn(line, "\n");

	printf("  --%s%s%s", entry->name, *entry->argument ? " " : "",
	       entry->argument);
	if (entry->letter)
		printf(", -%c", entry->letter);
	putchar('\n');
	for (; line[length]; length = strcspn(line, "\n")) {
		printf("        %.*s\n", (int)length, line);
		line += length + 1;
	}
	printf("        %s", line);
	help_default(entry);
	putchar('\n');
}

static void help_section(unsigned int section)
{
	static const char *const titles[OPTIONS_SECTIONS] = {
		"Destination", "Source", "", "Engine", "Sender", "Sampling",
		"Stress",      "Limits", "", "",       "",
	};

	for (size_t i = 0; i < OPTIONS_SECTIONS; i++) {
		if (section == 1U << i && *titles[i])
			printf("\n%s:\n", titles[i]);
	}
	for (size_t i = 0; i < ENTRY_COUNT; i++) {
		if (entries[i].section == section)
			help_entry(&entries[i]);
	}
}

static int help(const struct options_command *command)
{
	printf("Usage: psring %s [OPTION...]\n\n%s\n", command->name,
	       command->text);
	for (unsigned int section = 1; section <= command->sections;
	     section <<= 1) {
		if (command->sections & section)
			help_section(section);
	}
	printf("\nExample: %s\n", command->example);
	return output_end();
}

/* What getopt_long returns for an entry, however it was named. */
static int entry_value(const struct entry *entry)
{
	return entry->letter ? entry->letter
			     : ENTRY_FIRST + (int)(entry - entries);
}

/* Return: NULL if no entry has the value. */
static const struct entry *entry_find(int value)
{
	for (size_t i = 0; i < ENTRY_COUNT; i++)
		if (entry_value(&entries[i]) == value)
			return &entries[i];
	return NULL;
}

/* The options of a subcommand, as getopt_long wants them. */
static void getopt_table(struct option *ret_table, unsigned int sections)
{
	size_t count = 0;

	for (size_t i = 0; i < ENTRY_COUNT; i++) {
		if (!(entries[i].section & sections))
			continue;
		ret_table[count++] = (struct option){
			.name = entries[i].name,
			.has_arg = *entries[i].argument ? required_argument
							: no_argument,
			.val = entry_value(&entries[i]),
		};
	}
	ret_table[count++] = (struct option){ .name = "help", .val = 'h' };
	ret_table[count] = (struct option){ 0 };
}

static int refuse_value(const char *command, const struct entry *entry,
			const char *text)
{
	fprintf(stderr, "psring %s: --%s '%s': must be ", command, entry->name,
		text);
	if (entry->allowed)
		fprintf(stderr, "%s\n", entry->allowed);
	else
		fprintf(stderr, "a number from %llu to %llu%s\n",
			(unsigned long long)entry->min,
			(unsigned long long)entry->max,
			entry->parse == parse_bytes ? ", k or M may follow"
						    : "");
	return EXIT_USAGE;
}

/* What getopt_long could not make sense of: @option says in which way. */
static int refuse_option(const char *command, int option, const char *text)
{
	const char *cause = "unknown or ambiguous option";

	if (option == ':')
		cause = "a value is missing after";
	else if (optopt >= ENTRY_FIRST || optopt == 'h')
		cause = "no value is allowed in";
	fprintf(stderr, "psring %s: %s %s: see psring %s --help\n", command,
		cause, text, command);
	return EXIT_USAGE;
}

static size_t section_index(unsigned int section)
{
	return (size_t)__builtin_ctz(section);
}

static int parse_entry(struct options *options, const char *command,
		       const struct entry *entry)
{
	size_t section;

	if (entry->parse(options, entry, optarg))
		return refuse_value(command, entry, optarg);
	section = section_index(entry->section);
	if (!options->first[section])
		options->first[section] = entry->name;
	return -1;
}

/* getopt_long takes the beginning of a name for it: --wait for --wait-us. */
static int is_whole(const struct entry *entry, char **argv)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
	char **text = &argv[optind - 1];

	if (optarg && optarg == *text)
		text--;
	return (*text)[1] != '-' ||
	       strcspn(*text + 2, "=") == strlen(entry->name);
}

static int parse_all(struct options *options,
		     const struct options_command *command, int argc,
		     char **argv)
{
	const char *letters = command->sections & STRESS ? ":hv" : ":h";
	struct option table[ENTRY_COUNT + 2];
	const struct entry *entry;
	int option, status = -1;

	getopt_table(table, command->sections);
	while (status < 0) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
		option = getopt_long(argc, argv, letters, table, NULL);
		entry = entry_find(option);
		if (entry && !is_whole(entry, argv))
			status = refuse_option(command->name, '?',
					       argv[optind - 1]);
		else if (entry)
			status = parse_entry(options, command->name, entry);
		else if (option == 'h')
			status = help(command);
		else if (option == -1)
			break;
		else
			status = refuse_option(command->name, option,
					       argv[optind - 1]);
	}
	return status;
}

static int refuse(const struct options_command *command, const char *cause)
{
	fprintf(stderr, "psring %s: %s\n", command->name, cause);
	return EXIT_USAGE;
}

/* A group that nobody sends would be waited for in vain. */
static int check_groups(const struct options *options,
			const struct options_command *command)
{
	const struct psr_config *engine = &options->engine;

	if (options->source != OPTIONS_SYNTHETIC &&
	    !(command->sections & STRESS))
		return -1;
	for (uint32_t i = 0; i < engine->group_count; i++) {
		uint32_t group = engine->groups[i];

		if (group >= 1 && group <= options->sender.group_count)
			continue;
		fprintf(stderr,
			"psring %s: --groups %u: there are samples of groups "
			"1 to %u only, see --group-count\n",
			command->name, group, options->sender.group_count);
		return EXIT_USAGE;
	}
	return -1;
}

/* Each thread that sends has a socket of its own, and a port. */
static int check_verify_sender(const struct options *options,
			       const struct options_command *command)
{
	if (!options->engine.verify_sender)
		return -1;
	if (options->source == OPTIONS_USERSOCK)
		return refuse(command, "--verify-sender: nobody says who the "
				       "sender is of --source usersock");
	if (options->source == OPTIONS_SYNTHETIC && options->sender.senders > 1)
		return refuse(command, "--verify-sender takes --senders 1: "
				       "there is one sender to verify");
	return -1;
}

/* What no option can know alone. */
static int check(struct options *options, const struct options_command *command)
{
	const struct psr_config *engine = &options->engine;
	int status;

	if (!options->consumers)
		options->consumers = engine->queue_count;
	if (options->consumers > engine->queue_count)
		return refuse(command, "--consumers exceeds --queues: a queue "
				       "has one consumer, so ask for as many "
				       "queues at least");
	if (engine->ingest_threads > engine->queue_count)
		return refuse(command, "--ingest-threads exceeds --queues: a "
				       "queue has one ingest thread, so ask "
				       "for as many queues at least");
	if (options->cpu_count && options->cpu_count != engine->ingest_threads)
		return refuse(command, "--cpus must name one CPU for each of "
				       "--ingest-threads");
	if (options_first(options, SENDER) &&
	    options->source != OPTIONS_SYNTHETIC &&
	    command->sections & SOURCE && !(command->sections & STRESS)) {
		fprintf(stderr,
			"psring %s: --%s is for --source synthetic only\n",
			command->name, options_first(options, SENDER));
		return EXIT_USAGE;
	}
	if (engine->await_family && options->source != OPTIONS_PSAMPLE)
		return refuse(command, "--wait is for --source psample only");
	if (command->sections & OPTIONS_SECTION_TO && !options->to)
		return refuse(command, "--to usersock:GROUP is missing");
	status = check_verify_sender(options, command);
	return status < 0 ? check_groups(options, command) : status;
}

const char *options_first(const struct options *options,
			  enum options_section section)
{
	return options->first[section_index(section)];
}

int options_parse(struct options *options,
		  const struct options_command *command, int argc, char **argv)
{
	int status;

	options_init(options);
	status = parse_all(options, command, argc, argv);
	if (status >= 0)
		return status;
	if (optind < argc) {
		fprintf(stderr,
			"psring %s: unexpected '%s': see psring %s --help\n",
			command->name, argv[optind], command->name);
		return EXIT_USAGE;
	}
	return check(options, command);
}
