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

/* Open the file while there is the privilege to. -1: told on stderr. */
int replay_open(const char *path);

/* Would what is written to @fd be read? */
bool replay_reads(int read_fd, int fd);

/*
 * Privileges are to be dropped before: the file is not to be trusted. A signal
 * ends it as it ends a session.
 * @fd: of the file; closed once it is read
 * Return: an exit status.
 */
int replay_run(const struct options *options, int fd,
	       const struct consumers_client *client);

#endif /* REPLAY_H */
