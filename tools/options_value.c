/* SPDX-License-Identifier: MIT */
/*
 * How the value of an option is read, and where it goes.
 */
#include "options_entry.h"

#include "number.h"

#include <pwd.h>
#include <string.h>

const char *const options_sources[] = {
	[OPTIONS_PSAMPLE] = "psample",
	[OPTIONS_SYNTHETIC] = "synthetic",
	[OPTIONS_USERSOCK] = "usersock",
};

static void store_u32(struct options *options, const struct option_entry *entry,
		      uint32_t value)
{
	memcpy((char *)options + entry->offset, &value, sizeof(value));
}

uint32_t option_load_u32(const struct options *options,
			 const struct option_entry *entry)
{
	uint32_t value;

	memcpy(&value, (const char *)options + entry->offset, sizeof(value));
	return value;
}

int option_in_limits(const struct option_entry *entry, uint64_t value)
{
	return value >= entry->min && value <= entry->max;
}

int option_parse_u32(struct options *options, const struct option_entry *entry,
		     const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || !option_in_limits(entry, value))
		return -1;
	store_u32(options, entry, (uint32_t)value);
	return 0;
}

int option_parse_bytes(struct options *options,
		       const struct option_entry *entry, const char *text)
{
	uint64_t value;

	if (number_parse_bytes(text, &value) || !option_in_limits(entry, value))
		return -1;
	store_u32(options, entry, (uint32_t)value);
	return 0;
}

int option_parse_power_of_two(struct options *options,
			      const struct option_entry *entry,
			      const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || (value & (value - 1)))
		return -1;
	return option_parse_u32(options, entry, text);
}

int option_parse_switch(struct options *options,
			const struct option_entry *entry, const char *text)
{
	(void)text;
	store_u32(options, entry, 1);
	return 0;
}

/* A word of "this|that|other"; its value is its place. */
int option_parse_word(struct options *options, const struct option_entry *entry,
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

int option_parse_usersock(struct options *options,
			  const struct option_entry *entry, const char *text)
{
	static const char prefix[] = "usersock:";
	size_t length = sizeof(prefix) - 1;

	if (strncmp(text, prefix, length) != 0)
		return -1;
	return option_parse_u32(options, entry, text + length);
}

int option_parse_source(struct options *options,
			const struct option_entry *entry, const char *text)
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
	return option_parse_usersock(options, entry, text);
}

/* Who is wanted twice comes once, and would be counted twice. */
static uint32_t drop_repeats(uint32_t *values, uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t place = 0;

		while (place < kept && values[place] != values[i])
			place++;
		values[place] = values[i];
		kept += place == kept;
	}
	return kept;
}

int option_parse_groups(struct options *options,
			const struct option_entry *entry, const char *text)
{
	int count = number_parse_list(text, entry->max, options->groups,
				      PSR_WANTED_MAX);

	if (count < 0)
		return -1;
	options->engine.groups = options->groups;
	options->engine.group_count =
		drop_repeats(options->groups, (uint32_t)count);
	return 0;
}

int option_parse_cpus(struct options *options, const struct option_entry *entry,
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

int option_parse_count(struct options *options,
		       const struct option_entry *entry, const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || !option_in_limits(entry, value))
		return -1;
	options->count = value;
	return 0;
}

int option_parse_duration(struct options *options,
			  const struct option_entry *entry, const char *text)
{
	(void)entry;
	return number_parse_seconds(text, &options->duration_ns);
}

int option_parse_percent(struct options *options,
			 const struct option_entry *entry, const char *text)
{
	uint64_t percent;

	if (number_parse_decimal(text, &percent) ||
	    !option_in_limits(entry, percent))
		return -1;
	options->max_loss = percent;
	return 0;
}

/* Whoever uses it judges it. */
int option_parse_text(struct options *options, const struct option_entry *entry,
		      const char *text)
{
	memcpy((char *)options + entry->offset, &text, sizeof(text));
	return 0;
}

/* MS/EVERY */
int option_parse_stall(struct options *options,
		       const struct option_entry *entry, const char *text)
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
	    ms < 1 || ms >= every || !option_in_limits(entry, every))
		return -1;
	options->stall_ms = (uint32_t)ms;
	options->stall_every_ms = (uint32_t)every;
	return 0;
}

int option_parse_rate(struct options *options, const struct option_entry *entry,
		      const char *text)
{
	uint64_t value;

	if (!strcmp(text, "max")) {
		options->sender.rate = 0;
		return 0;
	}
	if (number_parse(text, &value) || !option_in_limits(entry, value))
		return -1;
	options->sender.rate = value;
	return 0;
}

/* Another than root, or nothing would be given up. */
int option_parse_user(struct options *options, const struct option_entry *entry,
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

int option_parse_netns(struct options *options,
		       const struct option_entry *entry, const char *text)
{
	(void)entry;
	options->netns = text;
	return *text ? 0 : -1;
}

int option_parse_path(struct options *options, const struct option_entry *entry,
		      const char *text)
{
	if (!*text)
		return -1;
	memcpy((char *)options + entry->offset, &text, sizeof(text));
	return 0;
}

int option_parse_listen(struct options *options,
			const struct option_entry *entry, const char *text)
{
	(void)entry;
	return address_parse(text, &options->listen);
}
