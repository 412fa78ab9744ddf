/* SPDX-License-Identifier: MIT */
/*
 * One sample as libpsample's tool prints it. Two things are better here: numbers
 * above 2^31 are not negative, and the places in a dump go on behind 0x00f0.
 */
#include "psample_line.h"

#include "put.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND_NS  1000000000ULL
#define DUMP_BYTES 16

static char *line_number(char *out, const char *key, uint64_t value)
{
	return put_text(put_number(put_text(out, key), value), " ");
}

static char *line_timestamp(char *out, uint64_t timestamp_ns,
			    struct psample_second *second)
{
	time_t calendar = (time_t)(timestamp_ns / SECOND_NS);
	struct tm local = { 0 };

	if (second->second != timestamp_ns / SECOND_NS || !second->text[0]) {
		localtime_r(&calendar, &local);
		strftime(second->text, sizeof(second->text),
			 "%a %b %e %H:%M:%S %Y", &local);
		second->second = timestamp_ns / SECOND_NS;
	}
	out = put_text(put_text(out, "timestamp "), second->text);
	*out++ = ' ';
	out = put_padded(out, (uint32_t)(timestamp_ns % SECOND_NS), 9);
	return put_text(out, " nsec ");
}

static char *dump_line(char *out, const uint8_t *bytes, uint32_t at,
		       uint32_t count)
{
	out += snprintf(out, PSAMPLE_DUMP_LINE, "0x%04x:  ", at);
	for (uint32_t i = 0; i < DUMP_BYTES; i++) {
		if (i < count)
			out = put_hex(out, bytes + at + i, 1);
		else
			out = put_text(out, "  ");
		*out++ = ' ';
	}
	*out++ = ' ';
	for (uint32_t i = 0; i < count; i++) {
		uint8_t byte = bytes[at + i];

		*out++ = (char)(byte >= ' ' && byte <= '~' ? byte : '.');
	}
	*out++ = '\n';
	return out;
}

static char *line_data(char *out, const struct psr_view *view)
{
	out = put_number(put_text(out, "data len "), view->data_len);
	*out++ = '\n';
	for (uint32_t at = 0; at < view->data_len; at += DUMP_BYTES) {
		uint32_t left = view->data_len - at;

		out = dump_line(out, view->data, at,
				left < DUMP_BYTES ? left : DUMP_BYTES);
	}
	return out;
}

char *psample_line(char *out, const struct sample *sample,
		   struct psample_second *second, int verbose)
{
	const struct psr_view *view = sample->view;
	uint64_t bytes;

	out = line_number(out, "group ", view->group);
	if (view->fields & PSR_FIELD_IIF)
		out = line_number(out, "in-ifindex ", view->iif);
	if (view->fields & PSR_FIELD_OIF)
		out = line_number(out, "out-ifindex ", view->oif);
	out = line_number(out, "origsize ", view->orig_size);
	out = line_number(out, "sample-rate ", view->rate);
	out = line_number(out, "seq ", view->group_seq);
	if (view->fields & PSR_FIELD_OUT_TC)
		out = line_number(out, "out-tc ", view->out_tc);
	if (!psr_view_out_tc_occ(sample->queue, view, &bytes))
		out = line_number(out, "out-tc-occ ", bytes);
	if (view->fields & PSR_FIELD_LATENCY)
		out = line_number(out, "latency ", view->latency_ns);
	if (view->fields & PSR_FIELD_TIMESTAMP)
		out = line_timestamp(out, view->timestamp_ns, second);
	if (view->fields & PSR_FIELD_PROTO)
		out += snprintf(out, sizeof("protocol 0xffff "),
				"protocol 0x%x ", view->proto);
	if (verbose && view->fields & PSR_FIELD_DATA)
		out = line_data(out, view);
	*out++ = '\n';
	return out;
}
