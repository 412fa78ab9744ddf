/* SPDX-License-Identifier: MIT */
/* The sums of psring stress: what is exact, what fails, how sure a rate is. */
#include "balance.h"
#include "leaks.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* 1000 packets into 2 groups: each sampled, 30 lost, all the others delivered. */
static const struct balance even = {
	.kernel = true,
	.sample_rate = 1,
	.group_count = 2,
	.senders = 1,
	.transport = "uring",
	.sent = 1000,
	.hooked = 1000,
	.numbered = 2000,
	.received = 1970,
	.delivered = 1968,
	.malformed = 1,
	.foreign = 1,
	.lost_socket = 20,
	.lost_ring = 10,
	.duration_ns = 500000000,
};

/* The same samples, made by the synthetic source. */
static struct balance synthetic(void)
{
	struct balance balance = even;

	balance.kernel = false;
	balance.hooked = 0;
	balance.sent = 2000;
	return balance;
}

TestSuite(balance, .fini = leaks_assert_none);

Test(balance, holds)
{
	const struct balance made = synthetic();

	cr_expect(balance_holds(&even));
	cr_expect_eq(balance_unaccounted(&even), 0);
	cr_expect_eq(balance_expected(&even), 2000);
	cr_expect_eq(balance_built(&even), 2000);
	cr_expect_eq(balance_lost(&even), 30);
	cr_expect_eq(balance_packets_per_s(&even), 2000);
	cr_expect_eq(balance_samples_per_s(&even), 3940);
	cr_expect(balance_holds(&made));
	cr_expect(balance_built_is_exact(&made));
}

/* Each count is in a sum: none can be off by one. */
Test(balance, one_off)
{
	static const size_t counts[] = {
		offsetof(struct balance, sent),
		offsetof(struct balance, hooked),
		offsetof(struct balance, numbered),
		offsetof(struct balance, received),
		offsetof(struct balance, delivered),
		offsetof(struct balance, malformed),
		offsetof(struct balance, foreign),
		offsetof(struct balance, lost_socket),
		offsetof(struct balance, lost_ring),
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct balance off = even;

		++*(uint64_t *)((char *)&off + counts[i]);
		cr_expect_not(balance_holds(&off), "count %zu", i);
		cr_expect_gt(balance_unaccounted(&off), 0, "count %zu", i);
	}
}

/* A sum that is short does not make up for another. */
Test(balance, differences_do_not_cancel)
{
	struct balance off = even;

	off.hooked += 5;
	off.numbered += 10;
	off.lost_socket += 10;
	cr_expect_eq(balance_unaccounted(&off), 5);
	off = synthetic();
	off.received++;
	cr_expect_eq(balance_unaccounted(&off), 2);
}

/* Two at once may take one number; but each packet is sampled. */
Test(balance, several_senders_of_each_packet)
{
	struct balance balance = even;

	balance.senders = 2;
	balance.numbered -= 3;
	cr_expect(balance_built_is_exact(&balance));
	cr_expect_eq(balance_built(&balance), 2000);
	cr_expect(balance_holds(&balance));
	balance.lost_socket--;
	cr_expect_not(balance_holds(&balance));
	cr_expect_eq(balance_unaccounted(&balance), 1);
}

/* Then what was built is known by the numbers only. */
Test(balance, several_senders_of_one_packet_in_ten)
{
	struct balance balance = even;

	balance.sample_rate = 10;
	balance.hooked = balance.sent = 10000;
	cr_expect(balance_built_is_exact(&balance));
	balance.numbered -= 3;
	cr_expect_not(balance_holds(&balance));
	balance.senders = 2;
	cr_expect_not(balance_built_is_exact(&balance));
	cr_expect_eq(balance_unaccounted(&balance), 3);
	cr_expect(balance_holds(&balance), "an estimate is no proof");
	balance.delivered--;
	cr_expect_not(balance_holds(&balance), "the other sums are exact");
}

Test(balance, one_in_ten_by_chance)
{
	struct balance balance = even;

	balance.sample_rate = 10;
	balance.hooked = balance.sent = 9900;
	cr_expect_eq(balance_expected(&balance), 1980);
	cr_expect(balance_holds(&balance), "expected is an estimate");
}

Test(balance, add)
{
	struct balance sum = { 0 }, other = even;

	balance_add(&sum, &even);
	balance_add(&sum, &even);
	cr_expect_eq(sum.sent, 2000);
	cr_expect_eq(balance_built(&sum), 4000);
	cr_expect_eq(balance_lost(&sum), 60);
	cr_expect(balance_holds(&sum));
	cr_expect_str_eq(sum.transport, "uring");
	other.transport = "bpf";
	balance_add(&sum, &other);
	cr_expect_str_eq(sum.transport, "several");
}

static bool rate_of(uint64_t packets, uint64_t samples,
		    struct balance_rate *ret_rate)
{
	const struct balance balance = {
		.kernel = true,
		.sample_rate = 10,
		.group_count = 1,
		.senders = 1,
		.hooked = packets,
		.numbered = samples,
	};

	return balance_rate(&balance, ret_rate);
}

/* Wilson's interval of 10 in 100 is 0.05523 to 0.17437. */
Test(balance, rate)
{
	struct balance_rate rate;

	cr_assert(rate_of(100, 10, &rate));
	cr_expect_float_eq(rate.observed, 10, 1e-9);
	cr_expect_float_eq(rate.low, 1 / 0.174366, 1e-3);
	cr_expect_float_eq(rate.high, 1 / 0.055229, 1e-3);
}

Test(balance, rate_of_all_and_of_none)
{
	struct balance_rate rate;
	struct balance each = even;

	cr_assert(rate_of(50, 50, &rate));
	cr_expect_float_eq(rate.low, 1, 1e-9, "not more than all");
	cr_expect_gt(rate.high, 1);
	cr_expect_not(rate_of(50, 0, &rate));
	cr_expect_not(rate_of(0, 0, &rate));
	cr_expect_not(balance_rate(&each, &rate), "nothing is left to chance");
}

/* Of many runs of a true 1 in 10, about 95 of 100 intervals hold 10. */
Test(balance, rate_interval_holds_the_truth)
{
	uint32_t held = 0;
	unsigned int seed = 1;

	for (uint32_t run = 0; run < 1000; run++) {
		struct balance_rate rate;
		uint64_t samples = 0;

		for (uint32_t i = 0; i < 1000; i++)
			samples += rand_r(&seed) % 10 == 0;
		cr_assert(rate_of(1000, samples, &rate));
		held += rate.low <= 10 && 10 <= rate.high;
	}
	cr_expect_geq(held, 930);
	cr_expect_leq(held, 970);
}

Test(balance, text_names_what_is_left_over)
{
	struct balance off = even;
	char *text = NULL;
	size_t length;
	FILE *stream;

	off.lost_socket -= 7;
	stream = open_memstream(&text, &length);
	balance_write_text(&off, stream);
	fclose(stream);
	cr_expect(strstr(text, "lost_socket + lost_ring: unaccounted: 7"), "%s",
		  text);
	cr_expect(strstr(text, "sent = hooked: balanced"), "%s", text);
	cr_expect(strstr(text, " built                    2 000  samples\n"),
		  "%s", text);
	free(text);
}

Test(balance, json)
{
	static const char *const keys[] = { "sent",	  "hooked",
					    "expected",	  "built",
					    "received",	  "lost_ring",
					    "delivered",  "lost_socket",
					    "unaccounted" };
	json_t *object = json_object();

	cr_assert_eq(balance_put_json(&even, object), 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_expect(json_is_integer(json_object_get(object, keys[i])),
			  "%s", keys[i]);
	cr_expect(json_is_true(
		json_object_get(json_object_get(object, "exact"), "built")));
	cr_expect(json_is_true(json_object_get(object, "balanced")));
	json_decref(object);
}
