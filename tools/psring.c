/* SPDX-License-Identifier: MIT */
/*
 * psring - ingest Linux psample packet samples
 *
 * The command line: finds the subcommand in a table and calls it. The usage
 * text comes from the same table. Each subcommand stands in a file of its own:
 * dump.c, stat.c, groups.c, doctor.c, send.c, stress.c; what they share is in options.c (the
 * command line), session.c (a run of the engine) and ledger.c (its account).
 */
#include "output.h"
#include "plain.h"
#include "subcommands.h"
#include "suggest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*function)(int argc, char **argv);
	const char *summary;
} subcommands[] = {
	{ "dump", dump_main, "print samples, one a line" },
	{ "stat", stat_main, "count samples: rate, losses, ledger" },
	{ "groups", groups_main, "list the kernel's sample groups" },
	{ "doctor", doctor_main, "say why samples would not come or get lost" },
	{ "send", send_main, "send synthetic samples to other processes" },
	{ "stress", stress_main,
	  "load the kernel's sampling, balance the books" },
};

#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

static void usage(FILE *stream)
{
	fputs("Usage: psring SUBCOMMAND [OPTION...]\n\n", stream);
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		fprintf(stream, "  %-8s%s\n", subcommands[i].name,
			subcommands[i].summary);
	fputs("\n"
	      "  psring SUBCOMMAND --help tells its options\n"
	      "  psring --version\n"
	      "\n"
	      "Examples:\n"
	      "  psring dump --groups 5\n"
	      "        watch what tc's sample action takes into group 5\n"
	      "  psring doctor\n"
	      "        find out why no samples come\n",
	      stream);
}

static int refuse(char *typed)
{
	struct suggestion suggestion = { .typed = typed };

	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		suggest(&suggestion, subcommands[i].name);
	plain_line(typed);
	fprintf(stderr, "psring: no subcommand '%s': ", typed);
	if (suggestion.word)
		fprintf(stderr, "did you mean %s? ", suggestion.word);
	fputs("see psring --help\n", stderr);
	return EXIT_USAGE;
}

/* --help and --version. Return: an exit status. */
static int tell(int argc, char **argv)
{
	if (argc > 2) {
		plain_line(argv[2]);
		fprintf(stderr, "psring: unexpected '%s': see psring --help\n",
			argv[2]);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version"))
		puts("psring " PSRING_VERSION);
	else
		usage(stdout);
	return output_end();
}

/*
 * Whoever starts us with a standard descriptor closed would have the next
 * socket take its number, and get samples printed into it. Read-only, so that
 * output fails as it would have.
 */
static void occupy_standard_descriptors(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
}

/* A symbolic link of that name: psample.c. */
static int is_called_psample(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, "psample");
}

int main(int argc, char **argv)
{
	occupy_standard_descriptors();
	/* Who closes the pipe shall not end us before the ledger is told. */
	signal(SIGPIPE, SIG_IGN);
	/* No program that is started from here gets more than this one has. */
	prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL);
	if (argc > 0 && is_called_psample(argv[0]))
		return psample_main(argc, argv);
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "--version"))
		return tell(argc, argv);
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
		if (!strcmp(argv[1], subcommands[i].name))
			return subcommands[i].function(argc - 1, argv + 1);
	}
	return refuse(argv[1]);
}
