/* SPDX-License-Identifier: MIT */
/*
 * The decoder and every accessor under libFuzzer: a datagram in, a view out,
 * and each byte read that the view or an accessor names. The input has the
 * format of tests/corpus: lengths of 4 bytes, each with a datagram behind it.
 *
 * Each datagram is decoded in a buffer of its own size, so that
 * AddressSanitizer sees a byte too far, and in one that is too small for it.
 */
#include "decode.h"
#include "psample.h"
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#define FAMILY 26 /* of the corpus that user-mode-linux gave */

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct sequence_table sequences = { .multiplier = 2654435769u };

/* Volatile: the compiler shall not find that nobody wants them. */
static void read_all(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)*(const volatile uint8_t *)&bytes[i];
}

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void use_tunnel(const struct psr_queue *queue,
		       const struct psr_view *view)
{
	struct psr_tunnel tunnel;

	if (psr_view_tunnel(queue, view, &tunnel) != 0)
		return;
	read_all(tunnel.geneve_opts, tunnel.geneve_opts_len);
	read_all(tunnel.vxlan_opts, tunnel.vxlan_opts_len);
	read_all(tunnel.erspan_opts, tunnel.erspan_opts_len);
}

static void use(const struct psr_queue *queue, const struct psr_view *view)
{
	const uint8_t *buffer = queue->buffers.memory;
	const uint8_t *cookie, *message;
	uint64_t out_tc_occ;
	int len;

	check(view->data_len == 0 ||
	      (view->data >= buffer &&
	       view->data + view->data_len <= buffer + queue->buffers.bytes));
	read_all(view->data, view->data_len);
	use_tunnel(queue, view);
	len = psr_view_message(queue, view, &message);
	check(len > 0 && message == buffer);
	read_all(message, (size_t)len);
	len = psr_view_cookie(queue, view, &cookie);
	check(len >= 0 || !(view->fields & PSR_FIELD_COOKIE));
	if (len > 0)
		read_all(cookie, (size_t)len);
	check(psr_view_out_tc_occ(queue, view, &out_tc_occ) == 0 ||
	      !(view->fields & PSR_FIELD_OUT_TC_OCC));
	(void)sequence_add(&sequences, view);
}

/* A datagram of @len bytes, of which a buffer of @capacity holds the first. */
static void decode_in(const uint8_t *bytes, size_t len, size_t capacity,
		      uint16_t family)
{
	uint8_t *buffer = malloc(capacity);
	const struct datagram datagram = { buffer, len, capacity };
	struct psr_queue queue = { .buffers = { .memory = buffer,
						.bytes = (uint32_t)capacity } };
	struct psr_view view = { .private_id = 0 };
	size_t trailing;

	check(buffer || capacity == 0);
	ring_lend(&queue.ring, &view);
	if (capacity > 0)
		memcpy(buffer, bytes, len < capacity ? len : capacity);
	if (decode(&datagram, family, &view, &trailing) == DECODE_SAMPLE) {
		check(trailing <= len);
		check((view.fields & PSR_FIELD_TRUNCATED) == 0 ||
		      capacity < len);
		use(&queue, &view);
	}
	free(buffer);
}

static void decode_everywhere(const uint8_t *bytes, size_t len)
{
	decode_in(bytes, len, len, FAMILY_ANY);
	decode_in(bytes, len, len, FAMILY);
	if (len > PSR_BUFFER_BYTES_MIN)
		decode_in(bytes, len, PSR_BUFFER_BYTES_MIN, FAMILY_ANY);
}

/* NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	uint32_t len;

	while (count > sizeof(len)) {
		memcpy(&len, bytes, sizeof(len));
		bytes += sizeof(len);
		count -= sizeof(len);
		if (len > count)
			len = (uint32_t)count;
		decode_everywhere(bytes, len);
		bytes += len;
		count -= len;
	}
	return 0;
}
