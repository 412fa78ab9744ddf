/* SPDX-License-Identifier: MIT */
/*
 * A command line, by getopt_long: which option is meant, and what no option can
 * know alone.
 */
#include "options_entry.h"

#include "netns.h"
#include "plain.h"
#include "subcommands.h"
#include "suggest.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* What getopt_long returns for entry 0; beyond every character. */
#define ENTRY_FIRST 256

/* Of a mistyped option; what is longer is near to none. */
#define TYPED_MAX 64

void options_init(struct options *ret_options)
{
	*ret_options = (struct options){
		.source = OPTIONS_PSAMPLE,
		.sample_rate = 1,
		.trunc = 128,
		.expected_rate = 100000,
		.user = PRIVILEGES_NOBODY,
		.max_loss = UINT64_MAX,
	};
	psr_config_init(&ret_options->engine);
	synthetic_config_init(&ret_options->sender);
}

/* What getopt_long returns for an entry, however it was named. */
static int entry_value(const struct option_entry *entry)
{
	return entry->letter ? entry->letter
			     : ENTRY_FIRST + (int)(entry - option_table);
}

/* Of those that a subcommand takes. Return: NULL if none has the value. */
static const struct option_entry *entry_find(int value, unsigned int sections)
{
	for (const struct option_entry *entry = option_table; entry->name;
	     entry++)
		if (entry->section & sections && entry_value(entry) == value)
			return entry;
	return NULL;
}

/* The options of a subcommand, as getopt_long wants them. */
static void getopt_table(struct option *ret_table, char *ret_letters,
			 unsigned int sections)
{
	size_t count = 0;
	char *letter = stpcpy(ret_letters, ":h");

	for (const struct option_entry *entry = option_table; entry->name;
	     entry++) {
		if (!(entry->section & sections))
			continue;
		ret_table[count++] = (struct option){
			.name = entry->name,
			.has_arg = *entry->argument ? required_argument
						    : no_argument,
			.val = entry_value(entry),
		};
		if (entry->letter)
			*letter++ = entry->letter;
		if (entry->letter && *entry->argument)
			*letter++ = ':';
	}
	*letter = '\0';
	ret_table[count++] = (struct option){ .name = "help", .val = 'h' };
	ret_table[count] = (struct option){ 0 };
}

static int refuse_value(const char *command, const struct option_entry *entry,
			char *text)
{
	plain_line(text);
	fprintf(stderr, "psring %s: --%s '%s': must be ", command, entry->name,
		text);
	if (entry->allowed)
		fprintf(stderr, "%s\n", entry->allowed);
	else
		fprintf(stderr, "a number from %llu to %llu%s\n",
			(unsigned long long)entry->min,
			(unsigned long long)entry->max,
			entry->parse == option_parse_bytes
				? ", k or M may follow"
				: "");
	return EXIT_USAGE;
}

/* The option that was meant by @text, "--quees=2"; NULL if none is near. */
static const char *suggest_option(const char *text, unsigned int sections)
{
	char typed[TYPED_MAX];
	struct suggestion suggestion = { .typed = typed };
	size_t length = strcspn(text, "=");

	if (length < 2 || length - 2 >= sizeof(typed))
		return NULL;
	memcpy(typed, text + 2, length - 2);
	typed[length - 2] = '\0';
	for (const struct option_entry *entry = option_table; entry->name;
	     entry++)
		if (entry->section & sections)
			suggest(&suggestion, entry->name);
	return suggestion.word;
}

/* getopt_long takes the beginning of a name for it: --wait for --wait-us. */
static int is_whole(const struct option_entry *entry, const char *typed)
{
	return strcspn(typed + 2, "=") == strlen(entry->name);
}

/* What getopt_long could not make sense of: @option says in which way. */
static int refuse_option(const struct options_command *command, int option,
			 char *text)
{
	const char *cause = "unknown or ambiguous option", *meant = NULL;
	char letter[] = { '-', (char)optopt, '\0' };
	int is_letter = strncmp(text, "--", 2) != 0;
	const struct option_entry *entry =
		entry_find(optopt, command->sections);

	/* In a word of several letters, only optopt tells which. */
	if (is_letter && optopt)
		text = letter;
	if (option == ':' && (is_letter || is_whole(entry, text)))
		cause = "a value is missing after";
	else if (option != ':' && !is_letter && optopt)
		cause = "no value is allowed in";
	else if (!is_letter)
		meant = suggest_option(text, command->sections);
	plain_line(text);
	fprintf(stderr, "psring %s: %s %s: ", command->name, cause, text);
	if (meant)
		fprintf(stderr, "did you mean --%s? ", meant);
	fprintf(stderr, "see psring %s --help\n", command->name);
	return EXIT_USAGE;
}

static size_t section_index(unsigned int section)
{
	return (size_t)__builtin_ctz(section);
}

static int parse_entry(struct options *options, const char *command,
		       const struct option_entry *entry)
{
	size_t section;

	if (entry->parse(options, entry, optarg))
		return refuse_value(command, entry, optarg);
	section = section_index(entry->section);
	if (!options->first[section])
		options->first[section] = entry->name;
	return -1;
}

/* The word that named an option: before its value, or with it. */
static char *typed_option(char **argv)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
	char **text = &argv[optind - 1];

	return optarg && optarg == *text ? text[-1] : *text;
}

static int parse_all(struct options *options,
		     const struct options_command *command, int argc,
		     char **argv)
{
	char letters[sizeof(":h") + 2 * OPTION_TABLE_MAX];
	struct option table[OPTION_TABLE_MAX + 2];
	const struct option_entry *entry;
	int option, status = -1;

	getopt_table(table, letters, command->sections);
	while (status < 0) {
		int by_name = -1; /* stays so where a letter was given */

		/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
		option = getopt_long(argc, argv, letters, table, &by_name);
		entry = entry_find(option, command->sections);
		if (entry && by_name >= 0 &&
		    !is_whole(entry, typed_option(argv))) {
			entry = NULL;
			optopt = 0;
		}
		if (entry)
			status = parse_entry(options, command->name, entry);
		else if (option == 'h')
			status = options_help(command);
		else if (option == -1)
			break;
		else
			status = refuse_option(command, option,
					       typed_option(argv));
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
	    !(command->sections & OPTIONS_SECTION_STRESS))
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

/* A file is neither sent nor received, takes no time, and tells of no loss. */
static int check_read(const struct options *options,
		      const struct options_command *command)
{
	static const enum options_section others[] = {
		OPTIONS_SECTION_SOURCE, OPTIONS_SECTION_LISTEN,
		OPTIONS_SECTION_NETNS,	OPTIONS_SECTION_ENGINE,
		OPTIONS_SECTION_SENDER, OPTIONS_SECTION_DURATION,
		OPTIONS_SECTION_LOSS,
	};

	const char *other = NULL;

	if (!options->read_path && options->family_id)
		return refuse(command, "--family-id is for --read only");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && !other;
	     i++)
		other = options_first(options, others[i]);
	if (!options->read_path || !other)
		return -1;
	fprintf(stderr, "psring %s: --%s is not for --read\n", command->name,
		other);
	return EXIT_USAGE;
}

static int check_write(struct options *options,
		       const struct options_command *command)
{
	if (options->link == OPTIONS_NETLINK)
		return -1;
	if (!options->write_path)
		return refuse(command, "--link is for --write only");
	if (options->consumers > 1)
		return refuse(command,
			      "--link ethernet takes --consumers 1: "
			      "an interface stands before its packets");
	options->consumers = 1;
	return -1;
}

/* What no option can know alone. */
static int check(struct options *options, const struct options_command *command)
{
	const struct psr_config *engine = &options->engine;
	int status = check_read(options, command);

	if (status < 0)
		status = check_write(options, command);
	if (status >= 0)
		return status;
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
	if (options_first(options, OPTIONS_SECTION_SENDER) &&
	    options->source != OPTIONS_SYNTHETIC &&
	    command->sections & OPTIONS_SECTION_SOURCE &&
	    !(command->sections & OPTIONS_SECTION_STRESS)) {
		fprintf(stderr,
			"psring %s: --%s is for --source synthetic only\n",
			command->name,
			options_first(options, OPTIONS_SECTION_SENDER));
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
		plain_line(argv[optind]);
		fprintf(stderr,
			"psring %s: unexpected '%s': see psring %s --help\n",
			command->name, argv[optind], command->name);
		return EXIT_USAGE;
	}
	status = check(options, command);
	if (status >= 0 || !options->netns)
		return status;
	status = netns_enter(options->netns);
	return status == EXIT_DONE ? -1 : status;
}
