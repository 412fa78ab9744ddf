/* SPDX-License-Identifier: MIT */
/*
 * psring dump - print samples, one a line
 *
 * Each consumer thread writes lines into a buffer of its own, and the buffer
 * to standard output when it is nearly full, or when there is nothing to do:
 * so samples that come slowly are seen at once, and fast ones share a system
 * call. The ledger goes to standard error.
 */
#include "options.h"
#include "output.h"
#include "sample.h"
#include "session.h"
#include "subcommands.h"

#include <errno.h>
#include <stdlib.h>

/* Written out when so much is there; a line more always fits. */
#define DUMP_FLUSH_BYTES (64 << 10)

static const struct options_command command = {
	.name = "dump",
	.text = "Print samples, one a line; the ledger on standard error.",
	.example = "psring dump --source synthetic --count 10 --format json",
	.sections = OPTIONS_SECTION_SOURCE | OPTIONS_SECTION_LISTEN |
		    OPTIONS_SECTION_NETNS | OPTIONS_SECTION_ENGINE |
		    OPTIONS_SECTION_SENDER | OPTIONS_SECTION_COUNT |
		    OPTIONS_SECTION_DURATION | OPTIONS_SECTION_FORMAT,
};

/* One consumer's output. */
struct page {
	struct sample_second second;
	char *end; /* of what is written */
	char text[DUMP_FLUSH_BYTES + SAMPLE_LINE_MAX];
};

struct dump {
	struct options options;
	struct ledger ledger;
	struct page *pages; /* [options.consumers] */
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

static int dump_samples(void *context, uint32_t consumer,
			const struct consumers_batch *batch)
{
	struct dump *dump = context;
	struct page *page = &dump->pages[consumer];
	struct sample sample = { .queue = batch->queue,
				 .queue_index = batch->queue_index };
	int error = 0;

	for (uint32_t i = 0; i < batch->count && !error; i++) {
		sample.view = &batch->views[i];
		if (dump->options.format == OPTIONS_JSON)
			page->end = sample_json(page->end, &sample);
		else
			page->end =
				sample_text(page->end, &sample, &page->second);
		if (page->end - page->text >= DUMP_FLUSH_BYTES)
			error = page_flush(page);
	}
	return error;
}

static int dump_idle(void *context, uint32_t consumer)
{
	struct dump *dump = context;

	return page_flush(&dump->pages[consumer]);
}

static int dump_open_pages(struct dump *dump)
{
	dump->pages = calloc(dump->options.consumers, sizeof(*dump->pages));
	if (!dump->pages)
		return -ENOMEM;
	for (uint32_t i = 0; i < dump->options.consumers; i++)
		dump->pages[i].end = dump->pages[i].text;
	return 0;
}

static int dump_run(struct dump *dump)
{
	struct consumers_client client = {
		.samples = dump_samples,
		.idle = dump_idle,
		.context = dump,
	};
	struct session *session;
	int status;

	status = session_open(&dump->options, &client, &session);
	if (status != EXIT_DONE)
		return status;
	status = session_run(session, NULL, &dump->ledger);
	if (dump->options.format == OPTIONS_JSON)
		ledger_write_json(&dump->ledger, stderr);
	else
		ledger_write_text(&dump->ledger, stderr);
	session_close(session);
	return status;
}

int dump_main(int argc, char **argv)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	int status = EXIT_FAILED;

	if (dump)
		status = options_parse(&dump->options, &command, argc, argv);
	if (status < 0 && dump_open_pages(dump) == 0)
		status = dump_run(dump);
	if (!dump || status < 0) {
		fputs("psring dump: no memory\n", stderr);
		status = EXIT_FAILED;
	}
	if (dump)
		free(dump->pages);
	free(dump);
	return status;
}
