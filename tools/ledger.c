/* SPDX-License-Identifier: MIT */
/*
 * The ledger, read from the engine and written for people. ledger_json.c
 * writes it for programs.
 */
#include "ledger.h"
#include "charge.h"
#include "human.h"

#include <inttypes.h>

#define SECOND_NS 1e9

void ledger_read(struct ledger *ledger, struct psr *psr)
{
	psr_info(psr, &ledger->info);
	psr_stats(psr, &ledger->total);
	for (uint32_t i = 0; i < ledger->info.queue_count; i++)
		psr_queue_stats(psr_queue(psr, i), &ledger->queues[i]);
	ledger->group_count =
		psr_group_stats(psr, ledger->groups, PSR_TRACKED_MAX);
	if (ledger->group_count > PSR_TRACKED_MAX)
		ledger->group_count = PSR_TRACKED_MAX;
}

int64_t ledger_unaccounted_received(const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;

	return (int64_t)(total->received - total->delivered - total->pending -
			 total->malformed - total->foreign);
}

/* Why what was sent cannot be accounted for, or NULL. */
static const char *no_sum_of_sent(const struct ledger *ledger)
{
	if (ledger->thin > 1)
		return "no sum where --thin holds some back, by chance";
	if (ledger->total.left_in_socket < 0)
		return "no sum while left_in_socket is unknown";
	return NULL;
}

int64_t ledger_unaccounted_sent(const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;

	if (!ledger->has_sent || no_sum_of_sent(ledger))
		return 0;
	return (int64_t)(ledger->sent - total->received - total->lost_socket -
			 total->lost_ring - (uint64_t)total->left_in_socket);
}

int ledger_is_balanced(const struct ledger *ledger)
{
	return !ledger_unaccounted_received(ledger) &&
	       !ledger_unaccounted_sent(ledger);
}

static void write_balance(FILE *stream, const char *sum, int64_t unaccounted)
{
	fprintf(stream, "  %s: ", sum);
	if (unaccounted)
		fprintf(stream, "unaccounted: %" PRId64 "\n", unaccounted);
	else
		fputs("balanced\n", stream);
}

static void write_received(FILE *stream, const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;

	fputs("received (exact)\n", stream);
	human_row(stream, "received", total->received,
		  "datagrams taken from the socket, or BPF ring");
	human_row(stream, "delivered", total->delivered,
		  "samples given to a consumer");
	human_row(stream, "pending", total->pending, "");
	human_row(stream, "malformed", total->malformed, "");
	human_row(stream, "foreign", total->foreign,
		  "netlink, but no sample, or forged");
	write_balance(stream,
		      "received = delivered + pending + malformed + foreign",
		      ledger_unaccounted_received(ledger));
}

static void write_lost(FILE *stream, const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;

	fputs("lost (exact)\n", stream);
	if (ledger->has_sent)
		human_row(stream, "sent", ledger->sent, "");
	human_row(stream, "lost_socket", total->lost_socket,
		  total->lost_socket ? "the receive buffer was full" : "");
	human_row(stream, "lost_ring", total->lost_ring,
		  total->lost_ring ? "the ring of transport bpf was full" : "");
	if (total->left_in_socket < 0)
		fprintf(stream, "  %-16s%14s\n", "left_in_socket", "unknown");
	else
		human_row(stream, "left_in_socket",
			  (uint64_t)total->left_in_socket, "");
	if (!ledger->has_sent)
		return;
	if (no_sum_of_sent(ledger))
		fprintf(stream, "  sent: %s\n", no_sum_of_sent(ledger));
	else
		write_balance(stream,
			      "sent = received + lost_socket + lost_ring + "
			      "left_in_socket",
			      ledger_unaccounted_sent(ledger));
}

static void write_beside(FILE *stream, const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;

	fputs("beside the sums\n", stream);
	human_row(stream, "discarded", ledger->discarded,
		  ledger->discarded ? "delivered, and not printed" : "");
	if (ledger->unmatched)
		human_row(stream, "unmatched", ledger->unmatched,
			  "delivered, and not what --filter wants");
	human_row(stream, "truncated", total->truncated,
		  total->truncated ? "longer than --buffer-bytes" : "");
	human_row(stream, "trailing", total->trailing,
		  total->trailing ? "bytes behind a message" : "");
	human_row(stream, "userspace", total->userspace,
		  total->userspace ? "sent by a process, not the kernel" : "");
	human_row(stream, "forged", total->forged,
		  total->forged ? "foreign: from another sender" : "");
	human_row(stream, "stalls", total->stalls,
		  total->stalls ? "times that all buffers were in use" : "");
	if (total->interruptions)
		human_row(stream, "interruptions", total->interruptions,
			  "times that psample was unloaded");
	human_row(stream, "arms", total->arms, "");
	human_row(stream, "wakeups", total->wakeups, "");
	human_row(stream, "syscalls", total->syscalls, "");
	if (total->evicted)
		human_row(stream, "evicted", total->evicted,
			  "groups whose evidence made room for another's");
}

const char *ledger_transport(const struct psr_info *info)
{
	static const char *const names[] = {
		[PSR_TRANSPORT_URING] = "uring",
		[PSR_TRANSPORT_RECVMMSG] = "recvmmsg",
		[PSR_TRANSPORT_BPF] = "bpf",
	};

	return names[info->transport];
}

/* The kernel doubles a socket's. */
uint32_t ledger_rcvbuf_bytes(const struct psr_info *info)
{
	return info->transport == PSR_TRANSPORT_BPF ? info->rcvbuf_bytes
						    : info->rcvbuf_bytes / 2;
}

const struct psr_stats *ledger_busiest(const struct ledger *ledger)
{
	const struct psr_stats *busiest = &ledger->queues[0];

	for (uint32_t i = 1; i < ledger->info.queue_count; i++) {
		if (ledger->queues[i].received > busiest->received)
			busiest = &ledger->queues[i];
	}
	return busiest;
}

/* How far loss is away: what the buffer of the busiest queue has room for. */
static void write_room(FILE *stream, const struct ledger *ledger)
{
	const struct psr_stats *busiest = ledger_busiest(ledger);
	double capacity = ledger->info.rcvbuf_bytes;
	double charge = charge_of_sample(&ledger->info, busiest);
	double per_ms =
		(double)busiest->received / (double)ledger->duration_ns * 1e6;
	char text[HUMAN_MAX];
	uint64_t peak = 0;

	for (uint32_t i = 0; i < ledger->info.queue_count; i++) {
		if (ledger->queues[i].backlog_peak_bytes > peak)
			peak = ledger->queues[i].backlog_peak_bytes;
	}
	fprintf(stream, "  %-16s%14.1f  %% of it in use, as far as was seen\n",
		"peak", 100 * (double)peak / capacity);
	if (charge > 0)
		fprintf(stream,
			"  %-16s%14s  samples a queue: %.3g s of the "
			"busiest one's\n",
			"holds",
			human_digits(text, (uint64_t)(capacity / charge)),
			capacity / charge / per_ms / 1e3);
}

static void write_speed(FILE *stream, const struct ledger *ledger)
{
	double duration_s = (double)ledger->duration_ns / SECOND_NS;
	double received = (double)ledger->total.received;
	char text[HUMAN_MAX];

	fprintf(stream, "speed (%s, a %s of %s a queue)\n",
		ledger_transport(&ledger->info),
		ledger->info.transport == PSR_TRANSPORT_BPF ? "ring"
							    : "receive buffer",
		human_bytes(text, ledger_rcvbuf_bytes(&ledger->info)));
	fprintf(stream, "  %-16s%14.3f\n", "seconds", duration_s);
	if (!ledger->total.received || !ledger->duration_ns)
		return;
	human_row(stream, "samples_per_s", (uint64_t)(received / duration_s),
		  "");
	human_row(stream, "cpu_per_sample",
		  ledger->cpu_ns / ledger->total.received,
		  "ns of CPU a sample, receiving side");
	write_room(stream, ledger);
}

static void write_queues(FILE *stream, const struct ledger *ledger)
{
	if (ledger->info.queue_count < 2)
		return;
	fprintf(stream, "queues\n  %5s%14s%14s%10s%10s%12s%10s%8s%10s\n",
		"queue", "received", "delivered", "malformed", "foreign",
		"lost_socket", "lost_ring", "stalls", "wakeups");
	for (uint32_t i = 0; i < ledger->info.queue_count; i++) {
		const struct psr_stats *queue = &ledger->queues[i];

		fprintf(stream,
			"  %5u%14" PRIu64 "%14" PRIu64 "%10" PRIu64 "%10" PRIu64
			"%12" PRIu64 "%10" PRIu64 "%8" PRIu64 "%10" PRIu64 "\n",
			i, queue->received, queue->delivered, queue->malformed,
			queue->foreign, queue->lost_socket, queue->lost_ring,
			queue->stalls, queue->wakeups);
	}
}

/* One packet in so many: Open vSwitch tells a probability instead. */
static double group_rate(const struct psr_group_stats *group)
{
	if (!group->probability)
		return group->rate;
	return group->rate ? (double)UINT32_MAX / group->rate : 0;
}

/*
 * If net_missing samples of a group's span were lost, each one received stands
 * for more packets than the rate says. A negative figure tells of numbers that
 * came twice: then there is nothing to correct by.
 */
static void write_corrected(FILE *stream, const struct psr_group_stats *group)
{
	double span = (double)group->span;
	double missing = (double)group->net_missing;

	if (missing < 0)
		fputs("  -", stream);
	else
		fprintf(stream, "  1:%.1f",
			group_rate(group) * span / (span - missing));
}

static void write_evidence(FILE *stream, const struct psr_group_stats *group)
{
	if (group->sequenced <= 0) {
		fputs(group->sequenced ? "  queues saw different restarts"
				       : "  not sequenced",
		      stream);
		return;
	}
	fprintf(stream,
		"%11u%12u%10" PRId64 "%10" PRIu64 "%10" PRIu64 "%9" PRIu64,
		group->first_seq, group->highest_seq, group->missing,
		group->duplicate, group->reordered, group->restarts);
	write_corrected(stream, group);
}

static void write_group(FILE *stream, const struct psr_group_stats *group)
{
	fprintf(stream, "  %10u%13" PRIu64 "  1:%-10.10g", group->group,
		group->received, group_rate(group));
	write_evidence(stream, group);
	if (group->nsid != PSR_NSID_OWN)
		fprintf(stream, "  nsid %d", group->nsid);
	putc('\n', stream);
}

static void write_groups(FILE *stream, const struct ledger *ledger)
{
	char lost[HUMAN_MAX];

	if (!ledger->group_count)
		return;
	fprintf(stream,
		"sample groups: lost %s in all (exact); what "
		"sequence numbers say is an estimate\n"
		"  %10s%13s  %-12s%11s%12s%10s%10s%10s%9s  %s\n",
		human_digits(lost, ledger->total.lost_socket +
					   ledger->total.lost_ring),
		"group", "received", "rate", "first_seq", "highest_seq",
		"missing", "duplicate", "reordered", "restarts", "corrected");
	for (uint32_t i = 0; i < ledger->group_count; i++)
		write_group(stream, &ledger->groups[i]);
}

void ledger_write_text(const struct ledger *ledger, FILE *stream)
{
	write_received(stream, ledger);
	write_lost(stream, ledger);
	write_beside(stream, ledger);
	write_speed(stream, ledger);
	write_queues(stream, ledger);
	write_groups(stream, ledger);
}
