/* SPDX-License-Identifier: MIT */
/*
 * Advice on standard error, one line each, and only where there is a remedy.
 */
#include "advice.h"
#include "charge.h"
#include "human.h"
#include "ledger.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* A receive buffer for less than so many wake-ups is too small. */
#define WAITS_MIN 4

/* Below, shares of queues say nothing. */
#define SHARE_SAMPLES_MIN 100

static void advise_rcvbuf(const struct options *options, uint32_t granted)
{
	uint64_t asked = 2ULL * options->engine.rcvbuf_bytes;
	char wanted[HUMAN_MAX], had[HUMAN_MAX];

	/* net/core/sock.c: __sock_set_rcvbuf: the kernel doubles what it is
	 * asked for, after cutting it to half of INT_MAX. */
	if (asked > INT_MAX - 1)
		asked = INT_MAX - 1;
	if (granted >= asked)
		return;
	fprintf(stderr,
		"psring: receive buffer: asked for %s bytes, granted %s: give "
		"CAP_NET_ADMIN, or raise net.core.rmem_max\n",
		human_digits(wanted, options->engine.rcvbuf_bytes),
		human_digits(had, granted / 2));
}

void advice_open(const struct options *options, const struct psr_info *info)
{
	if (options->quiet)
		return;
	if (info->fallback)
		fprintf(stderr, "psring: recvmmsg instead of io_uring: %s\n",
			info->fallback);
	if (info->transport != PSR_TRANSPORT_BPF)
		advise_rcvbuf(options, info->rcvbuf_bytes);
}

void advice_listening(const struct options *options, const struct psr *psr)
{
	static const char *const sources[] = {
		[OPTIONS_PSAMPLE] = "psample",
		[OPTIONS_SYNTHETIC] = "synthetic",
		[OPTIONS_USERSOCK] = "usersock",
	};
	struct psr_info info;

	if (options->quiet)
		return;
	psr_info(psr, &info);
	fprintf(stderr, "listening on %s, %u queue%s, %s",
		sources[options->source], info.queue_count,
		info.queue_count == 1 ? "" : "s", ledger_transport(&info));
	if (getuid() == options->user.uid)
		fprintf(stderr, ", as %s",
			options->user.name ? options->user.name : "nobody");
	fputc('\n', stderr);
}

static const char *shard_name(enum psr_shard shard)
{
	static const char *const names[] = {
		[PSR_SHARD_SEQ] = "seq",     [PSR_SHARD_CPU] = "cpu",
		[PSR_SHARD_GROUP] = "group", [PSR_SHARD_IIF] = "iif",
		[PSR_SHARD_FLOW] = "flow",
	};

	return names[shard];
}

static void advise_shares(const struct options *options,
			  const struct ledger *ledger)
{
	uint64_t received = ledger->total.received;

	if (ledger->info.queue_count < 2 || received < SHARE_SAMPLES_MIN)
		return;
	for (uint32_t i = 0; i < ledger->info.queue_count; i++) {
		uint64_t percent = ledger->queues[i].received * 100 / received;

		if (percent > 90)
			fprintf(stderr,
				"psring: --shard %s put %" PRIu64 "%% of the "
				"samples in queue %u: another --shard may "
				"spread them\n",
				shard_name(options->engine.shard), percent, i);
	}
}

/* Of a ring: it is cut down to a power of two. */
static double rcvbuf_for(const struct psr_info *info, double bytes)
{
	double power = 1;

	/* The kernel doubles what it is asked for. */
	if (info->transport != PSR_TRANSPORT_BPF)
		return bytes / 2;
	while (power < bytes)
		power *= 2;
	return power;
}

static void advise_wait(const struct options *options,
			const struct ledger *ledger,
			const struct psr_stats *queue)
{
	const struct psr_info *info = &ledger->info;
	double per_s =
		(double)queue->received / ((double)ledger->duration_ns / 1e9);
	double wait_s = (double)options->engine.wait_us / 1e6;
	double needed =
		per_s * charge_of_sample(info, queue) * WAITS_MIN * wait_s;
	char room[HUMAN_MAX], rate[HUMAN_MAX];

	if (needed <= info->rcvbuf_bytes)
		return;
	fprintf(stderr,
		"psring: a %s of %s holds less than %d waits "
		"of %u us at %s samples a second: raise --rcvbuf to %.0f, or "
		"lower --wait-us\n",
		info->transport == PSR_TRANSPORT_BPF ? "ring"
						     : "receive buffer",
		human_bytes(room, ledger_rcvbuf_bytes(info)), WAITS_MIN,
		options->engine.wait_us, human_digits(rate, (uint64_t)per_s),
		rcvbuf_for(info, needed));
}

void advice_end(const struct options *options, const struct ledger *ledger)
{
	if (options->quiet)
		return;
	advise_shares(options, ledger);
	if (ledger->duration_ns)
		advise_wait(options, ledger, ledger_busiest(ledger));
}
