/* SPDX-License-Identifier: MIT */
/*
 * The balance: its sums, what can be concluded from them, and its text.
 * balance_json.c writes it for programs.
 */
#include "balance.h"
#include "human.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS	  4
#define SECOND_NS 1e9

/* Of the normal distribution: 95 % are within so many deviations. */
#define DEVIATIONS 1.959964

/* A sum of the balance. */
struct step {
	const char *text;
	bool applies;
	bool exact;
	int64_t left_over;
};

void balance_add(struct balance *balance, const struct balance *part)
{
	balance->kernel = part->kernel;
	balance->sample_rate = part->sample_rate;
	balance->group_count = part->group_count;
	balance->senders = part->senders;
	if (!balance->transport)
		balance->transport = part->transport;
	else if (strcmp(balance->transport, part->transport) != 0)
		balance->transport = "several";
	balance->sent += part->sent;
	balance->hooked += part->hooked;
	balance->numbered += part->numbered;
	balance->received += part->received;
	balance->delivered += part->delivered;
	balance->malformed += part->malformed;
	balance->foreign += part->foreign;
	balance->lost_socket += part->lost_socket;
	balance->lost_ring += part->lost_ring;
	balance->duration_ns += part->duration_ns;
	balance->sender_cpu_ns += part->sender_cpu_ns;
	balance->drain_ns = part->drain_ns;
}

/* Packets, each counted for every group that it was offered to. */
static uint64_t balance_offered(const struct balance *balance)
{
	return balance->hooked * balance->group_count;
}

uint64_t balance_expected(const struct balance *balance)
{
	if (!balance->kernel)
		return balance->numbered;
	return balance_offered(balance) / balance->sample_rate;
}

/* Where psample's numbers are not exact, but each packet is sampled. */
static bool balance_is_counted_by_tc(const struct balance *balance)
{
	return balance->kernel && balance->senders > 1 &&
	       balance->sample_rate == 1;
}

uint64_t balance_built(const struct balance *balance)
{
	if (balance_is_counted_by_tc(balance))
		return balance_offered(balance);
	return balance->numbered;
}

bool balance_built_is_exact(const struct balance *balance)
{
	return !balance->kernel || balance->senders == 1 ||
	       balance->sample_rate == 1;
}

static void balance_steps(const struct balance *balance,
			  struct step ret_steps[STEPS])
{
	const bool kernel = balance->kernel;
	const uint64_t built = balance_built(balance);
	const uint64_t received = balance->received;

	ret_steps[0] = (struct step){
		"sent = hooked",
		kernel,
		true,
		(int64_t)(balance->sent - balance->hooked),
	};
	ret_steps[1] = (struct step){
		"hooked x groups = built",
		kernel && balance->sample_rate == 1 &&
			!balance_is_counted_by_tc(balance),
		true,
		(int64_t)(balance_offered(balance) - built),
	};
	ret_steps[2] = (struct step){
		"built = received + lost_socket + lost_ring",
		true,
		balance_built_is_exact(balance),
		(int64_t)(built - received - balance->lost_socket -
			  balance->lost_ring),
	};
	ret_steps[3] = (struct step){
		"received = delivered + malformed + foreign",
		true,
		true,
		(int64_t)(received - balance->delivered - balance->malformed -
			  balance->foreign),
	};
}

/* @exact_only: leave the sum out that is an estimate */
static uint64_t balance_left_over(const struct balance *balance,
				  bool exact_only)
{
	struct step steps[STEPS];
	uint64_t sum = 0;

	balance_steps(balance, steps);
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].applies && (steps[i].exact || !exact_only))
			sum += (uint64_t)llabs(steps[i].left_over);
	return sum;
}

uint64_t balance_unaccounted(const struct balance *balance)
{
	return balance_left_over(balance, false);
}

bool balance_holds(const struct balance *balance)
{
	return balance_left_over(balance, true) == 0;
}

uint64_t balance_lost(const struct balance *balance)
{
	return balance->lost_socket + balance->lost_ring;
}

/*
 * Wilson's interval: unlike the plain normal one it holds for few samples and
 * for shares near 0 and 1, and never leaves these.
 */
bool balance_rate(const struct balance *balance, struct balance_rate *ret_rate)
{
	const double packets = (double)balance_offered(balance);
	const double samples = (double)balance_built(balance);
	const double square = DEVIATIONS * DEVIATIONS;
	double share, middle, half;

	if (!balance->kernel || balance->sample_rate == 1 || samples <= 0 ||
	    samples > packets)
		return false;
	share = samples / packets;
	middle = share + square / (2 * packets);
	half = DEVIATIONS * sqrt(share * (1 - share) / packets +
				 square / (4 * packets * packets));
	ret_rate->observed = 1 / share;
	ret_rate->low = (1 + square / packets) / (middle + half);
	ret_rate->high = (1 + square / packets) / (middle - half);
	return true;
}

static double per_s(uint64_t count, uint64_t duration_ns)
{
	return duration_ns ? (double)count / ((double)duration_ns / SECOND_NS)
			   : 0;
}

double balance_packets_per_s(const struct balance *balance)
{
	return per_s(balance->sent, balance->duration_ns);
}

double balance_samples_per_s(const struct balance *balance)
{
	return per_s(balance->received, balance->duration_ns);
}

static void write_steps(FILE *stream, const struct balance *balance)
{
	struct step steps[STEPS];

	balance_steps(balance, steps);
	for (size_t i = 0; i < STEPS; i++) {
		if (!steps[i].applies)
			continue;
		fprintf(stream, "  %s: ", steps[i].text);
		if (!steps[i].left_over)
			fputs("balanced\n", stream);
		else
			fprintf(stream, "%s: %" PRId64 "\n",
				steps[i].exact ? "unaccounted"
					       : "left over, by an estimate",
				steps[i].left_over);
	}
}

static void write_rate(FILE *stream, const struct balance *balance)
{
	struct balance_rate rate;

	if (!balance_rate(balance, &rate))
		return;
	fprintf(stream,
		"sampling rate\n"
		"  configured      1 in %u\n"
		"  observed        1 in %.3f, or from %.3f to %.3f with 95 %% "
		"confidence%s\n",
		balance->sample_rate, rate.observed, rate.low, rate.high,
		balance_built_is_exact(balance) ? "" : " (an estimate)");
}

static void write_chain(FILE *stream, const struct balance *balance)
{
	human_row(stream, "sent", balance->sent,
		  balance->kernel ? "packets" : "samples");
	if (balance->kernel) {
		human_row(stream, "hooked", balance->hooked,
			  "packets that tc's sample action saw");
		human_row(stream, "expected", balance_expected(balance),
			  balance->sample_rate == 1
				  ? "samples"
				  : "samples: an estimate, for chance "
				    "takes them");
		human_row(stream, "built", balance_built(balance),
			  balance_built_is_exact(balance)
				  ? "samples"
				  : "samples: an estimate, for several CPUs "
				    "number them");
	}
	human_row(stream, "received", balance->received, "");
	human_row(stream, "lost_socket", balance->lost_socket,
		  balance->lost_socket ? "the receive buffer was full" : "");
	human_row(stream, "lost_ring", balance->lost_ring,
		  balance->lost_ring ? "the ring of transport bpf was full"
				     : "");
	human_row(stream, "delivered", balance->delivered, "");
	if (balance->malformed || balance->foreign) {
		human_row(stream, "malformed", balance->malformed, "");
		human_row(stream, "foreign", balance->foreign, "");
	}
	human_row(stream, "unaccounted", balance_unaccounted(balance),
		  balance_built_is_exact(balance) ? "" : "an estimate");
}

void balance_write_text(const struct balance *balance, FILE *stream)
{
	fprintf(stream, "balance (exact%s)\n",
		balance->kernel && balance->sample_rate > 1
			? " where it does not say estimate"
			: "");
	write_chain(stream, balance);
	write_steps(stream, balance);
	fprintf(stream, "speed (%s)\n  %-16s%14.3f\n", balance->transport,
		"seconds", (double)balance->duration_ns / SECOND_NS);
	human_row(stream, "packets_per_s",
		  (uint64_t)balance_packets_per_s(balance), "");
	human_row(stream, "samples_per_s",
		  (uint64_t)balance_samples_per_s(balance), "");
	write_rate(stream, balance);
}
