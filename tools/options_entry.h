/* SPDX-License-Identifier: MIT */
/*
 * An entry of the table of options: where its value goes (an offset into struct
 * options), how it is read, and what is allowed: the limits of a number, or the
 * words of its argument text, where the place of a word in the list is its
 * value.
 */
#ifndef OPTIONS_ENTRY_H
#define OPTIONS_ENTRY_H

#include "options.h"

struct option_entry;

/* Return: 0; -1: it is not what is allowed. */
typedef int option_parse_fn(struct options *options,
			    const struct option_entry *entry, const char *text);

struct option_entry {
	const char *name;
	const char *argument; /* "": a switch */
	char letter;	      /* another name; 0: none */
	const char *help;
	unsigned int section;
	option_parse_fn *parse;
	size_t offset;
	uint64_t min; /* of a number */
	uint64_t max;
	const char *allowed; /* in words; NULL: min to max */
};

#define OPTION_TABLE_MAX 60

/* In the order of the usage text; the last has no name. */
extern const struct option_entry option_table[];

/* Each option at its default. */
void options_init(struct options *ret_options);

/* Print the usage text. Return: the exit status. */
int options_help(const struct options_command *command);

/* What an entry's offset leads to. */
uint32_t option_load_u32(const struct options *options,
			 const struct option_entry *entry);
int option_in_limits(const struct option_entry *entry, uint64_t value);

option_parse_fn option_parse_u32;
option_parse_fn option_parse_bytes;
option_parse_fn option_parse_power_of_two;
option_parse_fn option_parse_switch;
option_parse_fn option_parse_word;
option_parse_fn option_parse_usersock;
option_parse_fn option_parse_source;
option_parse_fn option_parse_groups;
option_parse_fn option_parse_cpus;
option_parse_fn option_parse_count;
option_parse_fn option_parse_duration;
option_parse_fn option_parse_percent;
option_parse_fn option_parse_text;
option_parse_fn option_parse_stall;
option_parse_fn option_parse_rate;
option_parse_fn option_parse_user;
option_parse_fn option_parse_netns;
option_parse_fn option_parse_path;
option_parse_fn option_parse_listen;

#endif /* OPTIONS_ENTRY_H */
