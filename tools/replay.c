/* SPDX-License-Identifier: MIT */
/*
 * What psring dump --read does in the place of a session.
 */
#include "replay.h"

#include "decode.h"
#include "human.h"
#include "output.h"
#include "reader.h"
#include "signals.h"
#include "subcommands.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What is read, as a stream that ends at a signal. A pipe may bring nothing for
 * hours, and no signal interrupts a read; what it brought is shown meanwhile.
 */
struct source {
	int fd;
	int signals_fd;
	const struct consumers_client *client;
	int error; /* of showing it; that is an end, too */
};

static int replay_fail(const struct options *options, const char *cause)
{
	fprintf(stderr, "psring dump: %s: %s\n", options->read_path, cause);
	return EXIT_FAILED;
}

int replay_open(const char *path)
{
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fprintf(stderr, "psring dump: %s: %s\n", path,
			strerrordesc_np(errno));
	return fd;
}

bool replay_reads(int read_fd, int fd)
{
	struct stat ours, theirs;

	return !fstat(read_fd, &ours) && !fstat(fd, &theirs) &&
	       S_ISREG(ours.st_mode) && ours.st_ino == theirs.st_ino &&
	       ours.st_dev == theirs.st_dev;
}

static ssize_t source_read(void *context, char *bytes, size_t count)
{
	struct source *source = context;
	struct pollfd fds[] = {
		{ .fd = source->signals_fd, .events = POLLIN },
		{ .fd = source->fd, .events = POLLIN },
	};

	if (poll(fds, 2, 0) == 0) {
		source->error =
			source->client->idle(source->client->context, 0);
		if (source->error)
			return 0;
		poll(fds, 2, -1);
	}
	return fds[0].revents ? 0 : read(source->fd, bytes, count);
}

static int source_close(void *context)
{
	const struct source *source = context;

	return close(source->fd);
}

/* Return: an exit status; the reader is at its end, or where --count is. */
static int read_all(const struct options *options, struct reader *reader,
		    const struct source *source)
{
	const struct consumers_client *client = source->client;
	const struct consumers_batch batch = { .queue = &reader->queue,
					       .views = &reader->view,
					       .count = 1 };
	uint64_t left = options->count ? options->count : UINT64_MAX;
	int status = 1, error = 0;

	while (!error && left && (status = reader_next(reader)) == 1) {
		if (client->wants &&
		    !client->wants(client->context, &reader->view))
			continue;
		error = client->samples(client->context, 0, &batch);
		left--;
	}
	if (!error)
		error = source->error;
	if (!error)
		error = client->idle(client->context, 0);
	if (error)
		output_complain(-error);
	/* A signal may end it in the midst of a record, and so may an error. */
	if (status < 0 && !error && !signals_came())
		return replay_fail(options, reader->cause);
	if (options->count && left && signals_came()) {
		fputs("psring dump: ended by a signal before --count was "
		      "reached\n",
		      stderr);
		return EXIT_FAILED;
	}
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int summarize(const struct options *options, const struct reader *reader)
{
	char texts[3][HUMAN_MAX];

	if (options->format == OPTIONS_JSON)
		fprintf(stderr,
			"{\"samples\":%" PRIu64 ",\"malformed\":%" PRIu64
			",\"other\":%" PRIu64 "}\n",
			reader->samples, reader->malformed, reader->other);
	else
		fprintf(stderr, "%s samples, %s malformed, %s other messages\n",
			human_digits(texts[0], reader->samples),
			human_digits(texts[1], reader->malformed),
			human_digits(texts[2], reader->other));
	if (reader->other == 0 || reader->families != FAMILY_NONE)
		return EXIT_DONE;
	return replay_fail(options,
			   "no message tells the number of psample's family: "
			   "name it with --family-id");
}

/* @file: is closed */
static int replay_file(const struct options *options, struct reader *reader,
		       FILE *file, const struct source *source)
{
	int status, summary;

	if (reader_open(reader, file, (uint16_t)options->family_id)) {
		if (!signals_came())
			return replay_fail(options, reader->cause);
		return summarize(options, reader);
	}
	status = read_all(options, reader, source);
	summary = summarize(options, reader);
	reader_close(reader);
	return status == EXIT_DONE ? summary : status;
}

int replay_run(const struct options *options, int fd,
	       const struct consumers_client *client)
{
	struct source source = { .fd = fd,
				 .signals_fd = signals_open(),
				 .client = client };
	const cookie_io_functions_t functions = { .read = source_read,
						  .close = source_close };
	struct reader *reader =
		aligned_alloc(alignof(struct reader), sizeof(*reader));
	FILE *file = fopencookie(&source, "r", functions);
	int error = source.signals_fd < 0 ? source.signals_fd : -ENOMEM;
	int status;

	if (source.signals_fd >= 0 && reader && file)
		status = replay_file(options, reader, file, &source);
	else
		status = replay_fail(options, strerrordesc_np(-error));
	free(reader);
	return status;
}
