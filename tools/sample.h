/* SPDX-License-Identifier: MIT */
/*
 * One sample as one line: JSON in sample_json.c, text in sample_text.c.
 *
 * A writer appends the line to a buffer of the caller, who makes sure of
 * SAMPLE_LINE_MAX bytes before each line; then nothing is checked, allocated
 * or cut while the line is written. Why no line is longer: it holds the bytes
 * of at most three attributes (data, cookie, and the options within the
 * tunnel), each of which has a 16-bit length: two digits a byte, or four with
 * what stands around those of data in text. Besides, it holds each key once;
 * sample_json.c adds those up at their longest.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "clocks.h"
#include "interfaces.h"
#include "psring.h"

#include <stdbool.h>

#define SAMPLE_FIXED_MAX 4096
#define SAMPLE_LINE_MAX	 ((4 + 2 + 2) * UINT16_MAX + SAMPLE_FIXED_MAX)

/* A view and where it comes from: what the accessors of psring.h need. */
struct sample {
	const struct psr_queue *queue;
	const struct psr_view *view;
	uint32_t queue_index;
};

/* When it was taken; before Linux 5.13 it does not say so: then, now. */
static inline uint64_t sample_time_ns(const struct psr_view *view)
{
	return view->timestamp_ns ? view->timestamp_ns : clock_real_ns();
}

/*
 * The wall clock's text of one second. Samples of the same second share it, so
 * that the calendar is asked once a second. All zero at first.
 */
struct sample_second {
	uint64_t second;
	char text[sizeof("hh:mm:ss.") - 1];
};

/* How a thread's lines are written, and what it knows from the line before. */
struct sample_writer {
	struct sample_second second;
	struct interfaces *interfaces; /* NULL: they are told by number */
	bool with_link;		       /* text: the link-layer header */
	bool verbose;		       /* text: every attribute */
	bool hex;		       /* text: the bytes, on lines below */
};

/* Return: the place behind the line and its line feed. */
char *sample_json(char *out, const struct sample *sample,
		  struct sample_writer *writer);
char *sample_text(char *out, const struct sample *sample,
		  struct sample_writer *writer);

#endif /* SAMPLE_H */
