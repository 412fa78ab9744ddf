/* SPDX-License-Identifier: MIT */
/*
 * What psring dump --read does in the place of a session.
 */
#include "replay.h"

#include "decode.h"
#include "reader.h"
#include "subcommands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int replay_fail(const struct options *options, const char *cause)
{
	fprintf(stderr, "psring dump: %s: %s\n", options->read_path, cause);
	return EXIT_FAILED;
}

FILE *replay_open(const char *path)
{
	FILE *file = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;

	if (!file)
		fprintf(stderr, "psring dump: %s: %s\n", path,
			strerrordesc_np(errno));
	return file;
}

bool replay_reads(FILE *file, int fd)
{
	struct stat ours, theirs;

	return !fstat(fileno(file), &ours) && !fstat(fd, &theirs) &&
	       S_ISREG(ours.st_mode) && ours.st_ino == theirs.st_ino &&
	       ours.st_dev == theirs.st_dev;
}

/* What comes through a pipe may come slowly: it is shown at once. */
static bool is_slow(FILE *file)
{
	struct stat status;

	return fstat(fileno(file), &status) || !S_ISREG(status.st_mode);
}

static int hand_over(struct reader *reader,
		     const struct consumers_client *client, bool is_flushed)
{
	const struct consumers_batch batch = { .queue = &reader->queue,
					       .views = &reader->view,
					       .count = 1 };
	int error = client->samples(client->context, 0, &batch);

	if (!error && is_flushed)
		error = client->idle(client->context, 0);
	return error;
}

/* Return: an exit status; the reader is at its end, or where --count is. */
static int read_all(const struct options *options, struct reader *reader,
		    const struct consumers_client *client, bool is_slow)
{
	uint64_t left = options->count ? options->count : UINT64_MAX;
	int status = 1, error = 0;

	while (!error && left && (status = reader_next(reader)) == 1) {
		if (client->wants &&
		    !client->wants(client->context, &reader->view))
			continue;
		error = hand_over(reader, client, is_slow);
		left--;
	}
	if (!error)
		error = client->idle(client->context, 0);
	/* Who closed the pipe knows. */
	if (error && error != -EPIPE)
		fprintf(stderr, "psring dump: the output: %s\n",
			strerrordesc_np(-error));
	if (status < 0)
		return replay_fail(options, reader->cause);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int summarize(const struct options *options, const struct reader *reader)
{
	fprintf(stderr,
		options->format == OPTIONS_JSON
			? "{\"samples\":%" PRIu64 ",\"malformed\":%" PRIu64
			  ",\"other\":%" PRIu64 "}\n"
			: "%" PRIu64 " samples, %" PRIu64 " malformed, %" PRIu64
			  " other messages\n",
		reader->samples, reader->malformed, reader->other);
	if (reader->other == 0 || reader->families != FAMILY_NONE)
		return EXIT_DONE;
	return replay_fail(options,
			   "no message tells the number of psample's family: "
			   "name it with --family-id");
}

int replay_run(const struct options *options, FILE *file,
	       const struct consumers_client *client)
{
	struct reader *reader =
		aligned_alloc(alignof(struct reader), sizeof(*reader));
	bool is_pipe = is_slow(file);
	int status;

	if (!reader) {
		fclose(file);
		return replay_fail(options, strerrordesc_np(ENOMEM));
	}
	if (reader_open(reader, file, (uint16_t)options->family_id)) {
		status = replay_fail(options, reader->cause);
	} else {
		status = read_all(options, reader, client, is_pipe);
		if (status == EXIT_DONE)
			status = summarize(options, reader);
		reader_close(reader);
	}
	free(reader);
	return status;
}
