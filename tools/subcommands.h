/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of psring. Each has a file of its own, gets the arguments
 * from its name on, and returns the exit status of the program.
 */
#ifndef SUBCOMMANDS_H
#define SUBCOMMANDS_H

#include <errno.h>

enum exit_status {
	EXIT_DONE = 0,	  /* everything that was asked for was done */
	EXIT_FAILED = 1,  /* something was not; standard error says what */
	EXIT_USAGE = 2,	  /* the command line makes no sense */
	EXIT_LOSS = 3,	  /* more was lost than --max-loss allows */
	EXIT_KILLED = 130 /* by a second Ctrl-C, as shells count it */
};

/* Of a psr_open that failed: these two are options that contradict each other. */
static inline int exit_of_open(int error)
{
	return error == -EINVAL || error == -EOPNOTSUPP ? EXIT_USAGE
							: EXIT_FAILED;
}

int dump_main(int argc, char **argv);
int stat_main(int argc, char **argv);
int groups_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int send_main(int argc, char **argv);
int stress_main(int argc, char **argv);

/* Not a subcommand, but a program of its own, by another name of this one. */
int psample_main(int argc, char **argv);

#endif /* SUBCOMMANDS_H */
