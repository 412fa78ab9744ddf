/* SPDX-License-Identifier: MIT */
/*
 * json_lines.c - a minimal exporter: each sample as one JSON object a line
 *
 *	json_lines COUNT [USERSOCK-GROUP]
 *
 * Ends after COUNT samples. An exporter that must not lose samples while its
 * output is slow gives the engine a large rcvbuf_bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <psring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_data(const struct psr_view *view)
{
	static const char digits[] = "0123456789abcdef";

	printf(",\"data\":\"");
	for (uint32_t i = 0; i < view->data_len; i++) {
		putchar_unlocked(digits[view->data[i] >> 4]);
		putchar_unlocked(digits[view->data[i] & 15]);
	}
	putchar('"');
}

/* What a sample does not say is not there, rather than 0. */
static void print_sample(const struct psr_view *view)
{
	printf("{\"group\":%" PRIu32 ",\"group_seq\":%" PRIu32
	       ",\"orig_size\":%" PRIu32,
	       view->group, view->group_seq, view->orig_size);
	if (view->fields & PSR_FIELD_PROBABILITY)
		printf(",\"probability\":%.9f",
		       view->rate / (double)UINT32_MAX);
	else
		printf(",\"rate\":%" PRIu32, view->rate);
	if (view->fields & PSR_FIELD_IIF)
		printf(",\"iif\":%" PRIu32, view->iif);
	if (view->fields & PSR_FIELD_OIF)
		printf(",\"oif\":%" PRIu32, view->oif);
	if (view->fields & PSR_FIELD_PROTO)
		printf(",\"proto\":%" PRIu16, view->proto);
	if (view->fields & PSR_FIELD_TIMESTAMP)
		printf(",\"timestamp_ns\":%" PRIu64, view->timestamp_ns);
	if (view->fields & PSR_FIELD_DATA)
		print_data(view);
	printf("}\n");
}

/* Returns when @count samples were printed, or with a negative errno. */
static int export(struct psr_queue *queue, uint64_t count)
{
	const struct psr_view *views;
	int verdict = 0;

	while (count > 0 && (verdict = psr_queue_wait(queue, -1)) >= 0) {
		uint32_t ready = psr_queue_peek(queue, &views);

		if (ready > count)
			ready = (uint32_t)count;
		for (uint32_t i = 0; i < ready; i++)
			print_sample(&views[i]);
		psr_queue_release(queue, ready);
		fflush(stdout); /* whoever reads it waits for it */
		count -= ready;
	}
	return verdict < 0 ? verdict : 0;
}

int main(int argc, char **argv)
{
	struct psr_config config;
	const char *cause = "psr_start";
	struct psr *psr;
	int err;

	if (argc < 2)
		return fprintf(stderr, "usage: json_lines COUNT "
				       "[USERSOCK-GROUP]\n"),
		       2;
	psr_config_init(&config);
	if (argc > 2) {
		config.source = PSR_SOURCE_USERSOCK;
		config.usersock_group = (uint32_t)strtoul(argv[2], NULL, 10);
	}
	err = psr_open(&config, &psr, &cause);
	if (err)
		return fprintf(stderr, "%s: %s\n", cause, strerror(-err)), 1;
	err = psr_start(psr);
	fprintf(stderr, "listening\n");
	if (!err)
		err = export(psr_queue(psr, 0), strtoull(argv[1], NULL, 10));
	psr_close(psr);
	if (err || fflush(stdout) == EOF)
		return fprintf(stderr, "%s\n", strerror(err ? -err : errno)), 1;
	return 0;
}
