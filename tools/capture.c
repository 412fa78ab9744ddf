/* SPDX-License-Identifier: MIT */
/*
 * What psring dump -w writes: the file, and which of the formats goes into it.
 *
 * The file is opened before privileges are dropped, as the person who asked for
 * it: opened later, by nobody, it could hardly be anywhere. Links are followed,
 * as by a shell that redirects.
 */
#include "capture.h"

#include "capture_netlink.h"
#include "capture_packets.h"
#include "output.h"
#include "pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct capture {
	struct packets *packets; /* NULL: netlink */
	bool is_live;
	bool is_thinned;
	bool is_named;	       /* by a path: what is in it is replaced */
	const char *made_path; /* which nothing is in yet; NULL: none */
	uint16_t families[PSR_QUEUES_MAX]; /* by consumer: netlink_put */
};

static int file_open(struct capture *capture, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	int fd = open(path, flags | O_EXCL, 0666);
	int error = 0;

	if (fd >= 0)
		capture->made_path = path;
	else if (errno == EEXIST)
		fd = open(path, flags, 0666);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

int capture_open(const struct options *options, struct capture **ret_capture)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	int error = 0;

	if (!capture)
		return -ENOMEM;
	capture->is_live = !options->read_path;
	capture->is_thinned = options->engine.thin > 1;
	capture->is_named = strcmp(options->write_path, "-") != 0;
	if (options->link == OPTIONS_ETHERNET) {
		capture->packets = packets_open(
			capture->is_live && options->source == OPTIONS_PSAMPLE);
		error = capture->packets ? 0 : -ENOMEM;
	}
	if (!error && capture->is_named)
		error = file_open(capture, options->write_path);
	if (error)
		capture_close(capture);
	else
		*ret_capture = capture;
	return error;
}

int capture_begin(struct capture *capture)
{
	char block[PCAPNG_BLOCK_MAX];
	char *end =
		capture->packets ? pcapng_section(block) : netlink_begin(block);

	capture->made_path = NULL;
	/* A pipe or a device has nothing to be emptied of. */
	if (capture->is_named && ftruncate(STDOUT_FILENO, 0) && errno != EINVAL)
		return -errno;
	return output_write(block, (size_t)(end - block));
}

void capture_note_loss(struct capture *capture, struct psr_queue *queue,
		       uint32_t queue_index)
{
	struct psr_stats stats;

	if (!capture->packets || !capture->is_live)
		return;
	psr_queue_stats(queue, &stats);
	packets_note_loss(capture->packets, queue_index,
			  stats.lost_socket + stats.lost_ring);
}

char *capture_put(struct capture *capture, uint32_t consumer, char *out,
		  const struct sample *sample)
{
	if (capture->packets)
		return packets_put(capture->packets, out, sample);
	return netlink_put(out, sample, capture->is_thinned,
			   &capture->families[consumer]);
}

int capture_end(struct capture *capture, uint64_t lost)
{
	return capture->packets ? packets_end(capture->packets, lost) : 0;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->made_path)
		unlink(capture->made_path);
	packets_close(capture->packets);
	free(capture);
}
