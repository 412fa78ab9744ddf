/* SPDX-License-Identifier: MIT */
/*
 * The usage text of a subcommand, from the table of options.
 */
#include "options_entry.h"

#include "output.h"

#include <stdio.h>
#include <string.h>

static int is_number(const struct option_entry *entry)
{
	return entry->parse == option_parse_u32 ||
	       entry->parse == option_parse_bytes ||
	       entry->parse == option_parse_power_of_two;
}

static void help_default(const struct option_entry *entry)
{
	struct options defaults;
	const char *word = entry->argument;
	uint32_t value;

	options_init(&defaults);
	value = option_load_u32(&defaults, entry);
	if (is_number(entry) && option_in_limits(entry, value))
		printf("; default %u", value);
	if (entry->parse != option_parse_word)
		return;
	for (; value; value--)
		word += strcspn(word, "|") + 1;
	printf("; default %.*s", (int)strcspn(word, "|"), word);
}

static void help_entry(const struct option_entry *entry)
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
		"Destination",
		"Source",
		"",
		"",
		"Engine",
		"Sender",
		"Sampling",
		"Stress",
		"Limits",
		"",
		"",
		"",
		"",
		"Line",
		"Capture files",
		"Expected",
		"",
	};

	for (size_t i = 0; i < OPTIONS_SECTIONS; i++) {
		if (section == 1U << i && *titles[i])
			printf("\n%s:\n", titles[i]);
	}
	for (const struct option_entry *entry = option_table; entry->name;
	     entry++) {
		if (entry->section == section)
			help_entry(entry);
	}
}

int options_help(const struct options_command *command)
{
	printf("Usage: psring %s [OPTION...]\n\n%s\n", command->name,
	       command->text);
	for (unsigned int section = 1; section <= command->sections;
	     section <<= 1) {
		if (command->sections & section)
			help_section(section);
	}
	printf("\nExamples:\n%s", command->examples);
	return output_end();
}
