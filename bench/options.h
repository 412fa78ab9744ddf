/* SPDX-License-Identifier: MIT */
/*
 * The command line of psring-bench. Whatever is wrong with it is told in one
 * line on standard error: what was given, what is allowed.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "scenario.h"

#define SCENARIOS_MAX 16
#define EXIT_USAGE    2

enum options_action {
	OPTIONS_RUN,
	OPTIONS_SHOW,	 /* tables of a file */
	OPTIONS_COMPARE, /* two files */
};

struct options {
	enum options_action action;
	struct bench bench;
	uint32_t scenario_count;
	const struct scenario *scenarios[SCENARIOS_MAX]; /* none: all */
	const char *json;     /* file to write; NULL: none */
	const char *report;   /* directory to write; NULL: none */
	const char *files[2]; /* to read */
	bool markdown;
};

/* Return: -1 to go on, else the exit status: help was asked for, or an error */
int options_parse(int argc, char **argv, struct options *ret_options);

#endif /* OPTIONS_H */
