/* SPDX-License-Identifier: MIT */
/*
 * The command line of the subcommands: one table of all options, from which
 * parsing, checking and the usage text follow. A subcommand names the sections
 * of the table that it takes.
 *
 * Whatever is wrong with a command line is told in one line on standard error:
 * which option, what was given, what is allowed. Nothing is guessed.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "address.h"
#include "privileges.h"
#include "psring.h"
#include "synthetic.h"

enum options_source {
	OPTIONS_PSAMPLE,
	OPTIONS_SYNTHETIC,
	OPTIONS_USERSOCK,
};

/* Their names. */
extern const char *const options_sources[];

/* What a capture file holds: packets of this link type. */
enum options_link {
	OPTIONS_NETLINK,
	OPTIONS_ETHERNET,
};

enum options_format {
	OPTIONS_TEXT,
	OPTIONS_JSON,
	OPTIONS_PROMETHEUS,
};

/* Sections of the table: bits. */
enum options_section {
	OPTIONS_SECTION_TO = 1 << 0,
	OPTIONS_SECTION_SOURCE = 1 << 1,
	OPTIONS_SECTION_LISTEN = 1 << 2,
	OPTIONS_SECTION_NETNS = 1 << 3,
	OPTIONS_SECTION_ENGINE = 1 << 4,
	OPTIONS_SECTION_SENDER = 1 << 5,
	OPTIONS_SECTION_SAMPLING = 1 << 6,
	OPTIONS_SECTION_STRESS = 1 << 7,
	OPTIONS_SECTION_COUNT = 1 << 8,
	OPTIONS_SECTION_DURATION = 1 << 9,
	OPTIONS_SECTION_ONCE = 1 << 10,
	OPTIONS_SECTION_FORMAT = 1 << 11,
	OPTIONS_SECTION_LOSS = 1 << 12,
	OPTIONS_SECTION_LINE = 1 << 13,
	OPTIONS_SECTION_FILE = 1 << 14,
	OPTIONS_SECTION_EXPECTED = 1 << 15,
	OPTIONS_SECTION_METRICS = 1 << 16, /* instead of FORMAT */
};

#define OPTIONS_SECTIONS 17

/* What the command line asks for. Points into itself: not to be copied. */
struct options {
	uint64_t count;	      /* samples; 0: no limit */
	uint64_t duration_ns; /* 0: no limit */
	uint64_t max_loss;    /* 10^-9 percent; UINT64_MAX: any */
	uint32_t source;      /* enum options_source */
	uint32_t format;      /* enum options_format */
	uint32_t consumers;   /* threads; after parsing not 0 */
	uint32_t to;	      /* usersock group of send */
	uint32_t once;
	uint32_t sample_rate; /* of stress: 1 packet in so many */
	uint32_t trunc;
	uint32_t max;
	uint32_t expected_rate; /* of doctor: samples a second */
	uint32_t stall_ms;
	uint32_t stall_every_ms; /* 0: no stalls */
	uint32_t chaos;
	uint32_t seed; /* 0: not given */
	uint32_t verbose;
	uint32_t quiet;	  /* no advice, as scripts count lines */
	uint32_t numeric; /* of dump's line */
	uint32_t with_link;
	uint32_t hex;
	const char *filter;	  /* of libpcap; NULL: every sample */
	uint32_t link;		  /* enum options_link */
	uint32_t family_id;	  /* of psample in the file; 0: it tells */
	uint32_t packet_buffered; /* written out sample by sample */
	const char *write_path;	  /* "-": standard output; NULL: no file */
	const char *read_path;	  /* "-": standard input; NULL: no file */
	uint32_t cpu_count;	  /* entries of cpus */
	const char *first[OPTIONS_SECTIONS]; /* given of each section */
	struct privileges_user user;	     /* whom root becomes */
	const char *netns;		     /* NULL: the one it is in */
	union address listen;		     /* for metrics */
	struct psr_config engine;
	struct synthetic_config sender;
	int cpus[PSR_QUEUES_MAX];
	uint32_t groups[PSR_WANTED_MAX];
};

/* A subcommand, as its usage text describes it. */
struct options_command {
	const char *name;
	const char *text;
	const char *examples;  /* lines, what each does below it */
	unsigned int sections; /* enum options_section bits */
};

/*
 * Enters --netns, before anything is opened.
 * Return: -1 to go on, else the exit status: help was asked for, or an error
 */
int options_parse(struct options *options,
		  const struct options_command *command, int argc, char **argv);

/* The name of the first option of a section that was given, or NULL. */
const char *options_first(const struct options *options,
			  enum options_section section);

#endif /* OPTIONS_H */
