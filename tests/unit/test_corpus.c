/* SPDX-License-Identifier: MIT */
/*
 * Every captured message, decoded whole, cut and damaged. What is expected
 * comes from the line that the capturing program wrote, and from the order of
 * the attributes in it, not from the decoder.
 */
#include "corpus.h"
#include "decode.h"
#include "difference.h"
#include "guard.h"
#include "leaks.h"
#include "psample.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS	  20
#define ATTRIBUTE 4

/* What a record must come out as, and where things are in it. */
struct expectation {
	struct psr_view view;
	size_t data_at;	    /* offset of DATA's bytes; 0: none */
	size_t required_at; /* offset behind the last required attribute */
	size_t end;	    /* offset behind the last attribute */
};

#define NUMBER_OF(field, bit)                                         \
	{                                                             \
		offsetof(struct psr_view, field),                     \
			sizeof(((struct psr_view *)NULL)->field), bit \
	}

static const struct {
	const char *name;
	struct {
		size_t offset, bytes;
		uint16_t bit;
	} field;
} numbers[] = {
	{ "IIFINDEX", NUMBER_OF(iif, PSR_FIELD_IIF) },
	{ "OIFINDEX", NUMBER_OF(oif, PSR_FIELD_OIF) },
	{ "SAMPLE_RATE", NUMBER_OF(rate, 0) },
	{ "ORIGSIZE", NUMBER_OF(orig_size, 0) },
	{ "SAMPLE_GROUP", NUMBER_OF(group, 0) },
	{ "GROUP_SEQ", NUMBER_OF(group_seq, 0) },
	{ "TIMESTAMP", NUMBER_OF(timestamp_ns, PSR_FIELD_TIMESTAMP) },
	{ "PROTO", NUMBER_OF(proto, PSR_FIELD_PROTO) },
};

#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void expect_number(const struct corpus_attribute *attribute,
			  struct expectation *expectation)
{
	uint64_t value = strtoull(attribute->value, NULL, 10);

	for (size_t i = 0; i < NUMBERS; i++) {
		if (strcmp(attribute->name, numbers[i].name) != 0)
			continue;
		memcpy((uint8_t *)&expectation->view + numbers[i].field.offset,
		       &value, numbers[i].field.bytes);
		expectation->view.fields |= numbers[i].field.bit;
		if (numbers[i].field.bit == 0)
			expectation->required_at = expectation->end;
	}
}

static struct expectation expectation_of(const struct corpus_record *record)
{
	struct expectation expectation = { .view.nsid = -1, .end = HEADERS };
	struct corpus_attribute attribute;
	const char *text = record->text;

	while (corpus_next(&text, &attribute)) {
		size_t at = expectation.end + ATTRIBUTE;

		expectation.end = at + (attribute.len + 3u) / 4 * 4;
		expect_number(&attribute, &expectation);
		if (strcmp(attribute.name, "TUNNEL") == 0)
			expectation.view.fields |= PSR_FIELD_TUNNEL;
		if (strcmp(attribute.name, "DATA") != 0)
			continue;
		expectation.data_at = at;
		expectation.view.data_len = attribute.len;
		expectation.view.fields |= PSR_FIELD_DATA;
	}
	cr_assert_eq(expectation.end, record->len, "%s[%u]: %s", record->file,
		     record->index, record->text);
	return expectation;
}

static void expect_sample(const struct corpus_record *record)
{
	const struct expectation expected = expectation_of(record);
	const uint8_t *bytes = guard_place(record->bytes, record->len);
	const struct datagram datagram = { bytes, record->len, record->len };
	struct psr_view view = { 0 };
	size_t trailing = 1;
	const char *difference;

	cr_assert_eq(decode(&datagram, FAMILY_ANY, &view, &trailing),
		     DECODE_SAMPLE);
	difference = view_difference(&view, &expected.view);
	cr_expect_null(difference, "%s[%u]: %s differs", record->file,
		       record->index, difference);
	cr_expect_eq(trailing, 0);
	if (expected.data_at)
		cr_expect_eq(view.data, bytes + expected.data_at);
	else
		cr_expect_null(view.data);
}

TestSuite(corpus, .fini = leaks_assert_none);

Test(corpus, samples_decode_to_what_was_captured)
{
	const struct corpus_record *records = corpus_load();
	uint32_t samples = 0;

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++) {
		if (!records[i].is_sample)
			continue;
		expect_sample(&records[i]);
		samples++;
	}
	cr_expect_eq(samples, CORPUS_SAMPLES);
}

Test(corpus, control_messages_are_foreign)
{
	const struct corpus_record *records = corpus_load();

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++) {
		const struct datagram datagram = { records[i].bytes,
						   records[i].len,
						   records[i].len };
		struct psr_view view;
		size_t trailing;

		if (records[i].is_sample)
			continue;
		cr_expect_eq(decode(&datagram, FAMILY_ANY, &view, &trailing),
			     DECODE_FOREIGN, "%s[%u]", records[i].file,
			     records[i].index);
	}
}

/* A sender that lies: nlmsg_len promises more than the datagram has. */
Test(corpus, cut_datagram_is_malformed)
{
	const struct corpus_record *records = corpus_load();

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++) {
		for (size_t len = 0; len < records[i].len; len++) {
			const struct datagram datagram = {
				guard_place(records[i].bytes, len), len, len
			};
			struct psr_view view;
			size_t trailing;

			if (!records[i].is_sample)
				break;
			cr_expect_eq(
				decode(&datagram, FAMILY_ANY, &view, &trailing),
				DECODE_MALFORMED, "%s[%u] cut to %zu",
				records[i].file, records[i].index, len);
		}
	}
}

static size_t data_within(const struct expectation *expectation, size_t end)
{
	size_t there = end - expectation->data_at;

	if (expectation->data_at == 0 || end < expectation->data_at)
		return 0;
	return there < expectation->view.data_len ? there
						  : expectation->view.data_len;
}

/* A buffer that is too small: the sample is cut, and says so. */
static void expect_truncated(const struct corpus_record *record,
			     size_t capacity)
{
	const struct expectation expected = expectation_of(record);
	const uint8_t *bytes = guard_place(record->bytes, capacity);
	const struct datagram datagram = { bytes, record->len, capacity };
	struct psr_view view = { 0 };
	size_t trailing = 1;
	enum decode_verdict verdict =
		decode(&datagram, FAMILY_ANY, &view, &trailing);

	cr_assert_eq(verdict, capacity < expected.required_at ? DECODE_MALFORMED
							      : DECODE_SAMPLE);
	if (verdict != DECODE_SAMPLE)
		return;
	cr_expect(view.fields & PSR_FIELD_TRUNCATED);
	cr_expect_eq(view.group_seq, expected.view.group_seq);
	cr_expect_eq(view.data_len, data_within(&expected, capacity),
		     "%s[%u] in %zu bytes: %u bytes of data", record->file,
		     record->index, capacity, view.data_len);
	cr_expect_eq(!(view.fields & PSR_FIELD_DATA),
		     expected.data_at == 0 || capacity < expected.data_at);
	cr_expect_eq(trailing, 0);
	if (view.data_len)
		cr_expect_eq(view.data, bytes + expected.data_at);
}

/* From both headers on: PSR_BUFFER_BYTES_MIN promises so much, and more. */
Test(corpus, small_buffer_truncates)
{
	const struct corpus_record *records = corpus_load();

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++)
		for (size_t capacity = HEADERS;
		     records[i].is_sample && capacity < records[i].len;
		     capacity++)
			expect_truncated(&records[i], capacity);
}

static void expect_inside(const uint8_t *bytes, size_t len)
{
	const struct datagram datagram = { bytes, len, len };
	struct psr_view view = { 0 };
	size_t trailing = 0;
	enum decode_verdict verdict =
		decode(&datagram, FAMILY_ANY, &view, &trailing);

	cr_assert(verdict == DECODE_SAMPLE || verdict == DECODE_MALFORMED ||
		  verdict == DECODE_FOREIGN);
	if (verdict != DECODE_SAMPLE)
		return;
	cr_assert_leq(trailing, len);
	cr_assert(view.data_len == 0 ||
		  (view.data >= bytes &&
		   view.data + view.data_len <= bytes + len));
}

/* Every value of every byte of one message of each kind. */
Test(corpus, damaged_byte_never_leads_outside)
{
	static const char *const kinds[] = { "tcg-6.1.192/tunnel-vxlan-rx",
					     "uml-6.1.176/forwarded",
					     "uml-6.1.176/groups-rates",
					     "uml-6.1.176/trunc0" };
	const struct corpus_record *record = corpus_load();
	uint32_t count = 0;

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++, record++) {
		uint8_t *bytes;

		if (count == 4 || record->index != 0 ||
		    strcmp(record->file, kinds[count]) != 0)
			continue;
		count++;
		bytes = guard_place(record->bytes, record->len);
		for (size_t at = 0; at < record->len * 256; at++) {
			bytes[at / 256] ^= (uint8_t)at;
			expect_inside(bytes, record->len);
			bytes[at / 256] ^= (uint8_t)at;
		}
	}
	cr_assert_eq(count, 4);
}
