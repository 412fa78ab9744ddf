/* SPDX-License-Identifier: MIT */
/*
 * What psring dump --read does in the place of a session: the samples of a
 * file go to the same client. At the end it tells on standard error how many
 * messages there were, as there is no ledger of a file.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "consumers.h"
#include "options.h"

#include <stdio.h>

/* Open the file while there is the privilege to. NULL: told on stderr. */
FILE *replay_open(const char *path);

/* Would what is written to @fd be read? */
bool replay_reads(FILE *file, int fd);

/*
 * Privileges are to be dropped before: the file is not to be trusted.
 * @file: is closed
 * Return: an exit status.
 */
int replay_run(const struct options *options, FILE *file,
	       const struct consumers_client *client);

#endif /* REPLAY_H */
