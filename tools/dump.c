/* SPDX-License-Identifier: MIT */
/*
 * psring dump - print samples, one a line
 *
 * Each consumer thread writes lines into a buffer of its own, and the buffer
 * to standard output when it is nearly full, or when there is nothing to do:
 * so samples that come slowly are seen at once, and fast ones share a system
 * call. The ledger goes to standard error. A capture file is written in the same
 * way, and one that is read takes the place of the session.
 */
#include "capture.h"
#include "expression.h"
#include "human.h"
#include "options.h"
#include "output.h"
#include "plain.h"
#include "replay.h"
#include "sample.h"
#include "session.h"
#include "subcommands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Written out when so much is there; a line more always fits. */
#define DUMP_FLUSH_BYTES (64 << 10)

static const struct options_command command = {
	.name = "dump",
	.text = "Print samples, one a line; the ledger on standard error.",
	.examples =
		"  psring dump --groups 5\n"
		"        what tc's sample action takes into group 5\n"
		"  psring dump -c 10 -e --filter 'tcp port 443'\n"
		"        ten packets of HTTPS, with their Ethernet headers\n"
		"  psring dump -w - | tshark -r - -V\n"
		"        Wireshark's words for each sample\n"
		"  psring dump --source synthetic --count 10 --json\n"
		"        ten samples made here: it takes no sampling kernel\n",
	.sections = OPTIONS_SECTION_SOURCE | OPTIONS_SECTION_LISTEN |
		    OPTIONS_SECTION_NETNS | OPTIONS_SECTION_ENGINE |
		    OPTIONS_SECTION_SENDER | OPTIONS_SECTION_COUNT |
		    OPTIONS_SECTION_DURATION | OPTIONS_SECTION_FORMAT |
		    OPTIONS_SECTION_LOSS | OPTIONS_SECTION_LINE |
		    OPTIONS_SECTION_FILE,
};

/* One consumer's output. */
struct page {
	struct sample_writer writer;
	struct interfaces interfaces;
	char *end; /* of what is written */
	char text[DUMP_FLUSH_BYTES + SAMPLE_LINE_MAX];
};

struct dump {
	struct options options;
	struct ledger ledger;
	struct expression expression; /* if there is options.filter */
	struct capture *capture;      /* NULL: lines */
	int read_fd; /* of options.read_path, if there is one */
	ptrdiff_t flush_bytes;
	struct page *pages; /* [options.consumers] */
	int names_socket;   /* to ask for names of interfaces; -1: not */
};

static int page_flush(struct page *page)
{
	size_t length = (size_t)(page->end - page->text);
	int error;

	if (!length)
		return 0;
	error = output_write(page->text, length);
	page->end = page->text;
	return error;
}

static char *dump_put(struct dump *dump, uint32_t consumer,
		      const struct sample *sample)
{
	struct page *page = &dump->pages[consumer];

	if (dump->capture)
		return capture_put(dump->capture, consumer, page->end, sample);
	if (dump->options.format == OPTIONS_JSON)
		return sample_json(page->end, sample, &page->writer);
	return sample_text(page->end, sample, &page->writer);
}

static bool dump_wants(void *context, const struct psr_view *view)
{
	const struct dump *dump = context;
	const struct packet packet = packet_of_view(view);

	return expression_matches(&dump->expression, &packet);
}

/* What is asked once for all that a queue had, for it takes a system call. */
static void dump_look(struct dump *dump, struct page *page,
		      const struct consumers_batch *batch)
{
	interfaces_tick(&page->interfaces);
	if (dump->capture)
		capture_note_loss(dump->capture, batch->queue,
				  batch->queue_index);
}

static int dump_samples(void *context, uint32_t consumer,
			const struct consumers_batch *batch)
{
	struct dump *dump = context;
	struct page *page = &dump->pages[consumer];
	struct sample sample = { .queue = batch->queue,
				 .queue_index = batch->queue_index };
	int error = 0;

	if (!batch->is_continued)
		dump_look(dump, page, batch);
	for (uint32_t i = 0; i < batch->count && !error; i++) {
		sample.view = &batch->views[i];
		page->end = dump_put(dump, consumer, &sample);
		if (page->end - page->text >= dump->flush_bytes)
			error = page_flush(page);
	}
	return error;
}

static int dump_idle(void *context, uint32_t consumer)
{
	struct dump *dump = context;

	return page_flush(&dump->pages[consumer]);
}

static void page_init(struct page *page, const struct dump *dump)
{
	const struct options *options = &dump->options;

	page->end = page->text;
	page->writer.with_link = options->with_link;
	page->writer.verbose = options->verbose;
	page->writer.hex = options->hex;
	interfaces_init(&page->interfaces, dump->names_socket);
	if (dump->names_socket >= 0)
		page->writer.interfaces = &page->interfaces;
}

/*
 * Before privileges are dropped, but for no privilege: a name is asked of any
 * socket. The synthetic source makes its interfaces up, and those of a file are
 * of whoever wrote it.
 */
static int names_open(const struct options *options)
{
	if (options->numeric || options->source == OPTIONS_SYNTHETIC ||
	    options->read_path)
		return -1;
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int dump_open_pages(struct dump *dump)
{
	dump->pages = calloc(dump->options.consumers, sizeof(*dump->pages));
	if (!dump->pages)
		return -ENOMEM;
	dump->names_socket = names_open(&dump->options);
	for (uint32_t i = 0; i < dump->options.consumers; i++)
		page_init(&dump->pages[i], dump);
	dump->flush_bytes =
		dump->options.packet_buffered ? 1 : DUMP_FLUSH_BYTES;
	return 0;
}

static void dump_close_pages(struct dump *dump)
{
	if (dump->pages && dump->names_socket >= 0)
		close(dump->names_socket);
	free(dump->pages);
	expression_free(&dump->expression);
}

/*
 * As tcpdump's: what is received by filter has passed it. What was dropped did so
 * in tcpdump's kernel; here nobody knows, unless there is no filter.
 */
static void summary_write(const struct dump *dump)
{
	const struct ledger *ledger = &dump->ledger;
	const struct psr_stats *total = &ledger->total;
	uint64_t dropped = total->lost_socket + total->lost_ring;
	uint64_t matched = total->delivered - ledger->unmatched;
	char texts[3][HUMAN_MAX];

	fprintf(stderr,
		"%s samples captured\n"
		"%s samples received by filter\n"
		"%s samples dropped by kernel\n",
		human_digits(texts[0], matched - ledger->discarded),
		human_digits(texts[1], dump->options.filter
					       ? matched
					       : total->received + dropped),
		human_digits(texts[2], dropped));
}

static int dump_complain(const struct dump *dump, int error)
{
	fprintf(stderr, "psring dump: %s: %s\n", dump->options.write_path,
		strerrordesc_np(-error));
	return EXIT_FAILED;
}

/* The files, while there are privileges. Return: an exit status. */
static int dump_open(struct dump *dump)
{
	const struct options *options = &dump->options;
	int error = 0;

	if (options->read_path)
		dump->read_fd = replay_open(options->read_path);
	if (dump->read_fd < 0)
		return EXIT_FAILED;
	if (options->write_path)
		error = capture_open(options, &dump->capture);
	if (!error && options->read_path && dump->capture &&
	    replay_reads(dump->read_fd, STDOUT_FILENO)) {
		fputs("psring dump: --read and --write name one file\n",
		      stderr);
		return EXIT_USAGE;
	}
	return error ? dump_complain(dump, error) : EXIT_DONE;
}

static int dump_begin(struct dump *dump)
{
	int error = dump->capture ? capture_begin(dump->capture) : 0;

	return error ? dump_complain(dump, error) : EXIT_DONE;
}

/* @status: that of the run, which has told already what it could not write */
static int dump_end(const struct dump *dump, int status)
{
	const struct psr_stats *total = &dump->ledger.total;
	int error = 0;

	if (dump->capture)
		error = capture_end(dump->capture,
				    total->lost_socket + total->lost_ring);
	return error && status == EXIT_DONE ? dump_complain(dump, error)
					    : status;
}

static void dump_write_ledger(const struct dump *dump)
{
	if (dump->options.format == OPTIONS_JSON) {
		ledger_write_json(&dump->ledger, stderr);
		return;
	}
	summary_write(dump);
	ledger_write_text(&dump->ledger, stderr);
}

static int dump_live(struct dump *dump, const struct consumers_client *client)
{
	struct session *session;
	int status;

	status = session_open(&dump->options, client, &session);
	if (status != EXIT_DONE)
		return status;
	status = dump_begin(dump);
	if (status == EXIT_DONE) {
		status = session_run(session, NULL, &dump->ledger);
		dump_write_ledger(dump);
	}
	session_close(session);
	return status;
}

static int dump_file(struct dump *dump, const struct consumers_client *client)
{
	int status = session_drop_privileges(&dump->options);

	if (status == EXIT_DONE)
		status = dump_begin(dump);
	if (status == EXIT_DONE)
		status = replay_run(&dump->options, dump->read_fd, client);
	return status;
}

static int dump_run(struct dump *dump)
{
	struct consumers_client client = {
		.wants = dump->options.filter ? dump_wants : NULL,
		.samples = dump_samples,
		.idle = dump_idle,
		.context = dump,
	};
	int status = dump_open(dump);

	if (status != EXIT_DONE)
		return status;
	status = dump->options.read_path ? dump_file(dump, &client)
					 : dump_live(dump, &client);
	return dump_end(dump, status);
}

/* Before sockets are opened, for it may be wrong. Return: as options_parse. */
static int dump_compile(struct dump *dump)
{
	char cause[PCAP_ERRBUF_SIZE];

	if (!dump->options.filter ||
	    !expression_compile(dump->options.filter, &dump->expression, cause))
		return -1;
	plain_line(cause); /* which may have a word of it */
	fprintf(stderr, "psring dump: --filter: %s\n", cause);
	return EXIT_USAGE;
}

int dump_main(int argc, char **argv)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	int status = EXIT_FAILED;

	if (dump)
		status = options_parse(&dump->options, &command, argc, argv);
	if (status < 0)
		status = dump_compile(dump);
	if (status < 0 && dump_open_pages(dump) == 0)
		status = dump_run(dump);
	if (!dump || status < 0) {
		fputs("psring dump: no memory\n", stderr);
		status = EXIT_FAILED;
	}
	if (dump) {
		capture_close(dump->capture);
		dump_close_pages(dump);
	}
	free(dump);
	return status;
}
