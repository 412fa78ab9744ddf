/* SPDX-License-Identifier: MIT */
/*
 * One run. The thread that calls it sleeps, and looks three times at clocks
 * and counters, which takes a fraction of a millisecond of the receiver's CPU.
 */
#include "run.h"

#include "surroundings.h"
#include "threads.h"
#include "traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIZE_DEFAULT	128
#define WARM_UP_SHARE	0.25 /* of the window, before it */
#define DISTURBED_SHARE 0.03 /* of the CPUs' time, done for others */
#define UNSTEADY_SHARE	0.15 /* by which the halves' rates may differ */

/* What clocks and counters say at one moment. */
struct look {
	uint64_t wall_ns;
	uint64_t received;
	uint64_t sent;
	uint64_t sender_cpu_ns;
	struct threads_usage usage;
	struct load load;
	uint64_t queued_bytes;
};

/* Before the window, in its middle, at its end. */
#define LOOKS 3

struct run {
	const struct run_setup *setup;
	struct traffic *traffic;
	struct receiver *receiver;
	struct threads threads; /* that receive */
	struct psr_config config;
	struct look looks[LOOKS];
	uint64_t resident_before;
	uint64_t resident_after;
};

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
	return value == PARAM_ABSENT ? otherwise : value;
}

static int run_open(struct run *run, const char **reterr_cause)
{
	const struct run_setup *setup = run->setup;
	const struct params *params = &setup->params;
	const struct traffic_config traffic = {
		.kernel = setup->kernel,
		.punctual = setup->punctual,
		.rate = or_default(params->rate, 0),
		.size = or_default(params->size, SIZE_DEFAULT),
		.group_count = setup->group_count,
		.cpu = setup->sender_cpu,
	};
	struct psr_config *config = &run->config;
	int err = traffic_open(&traffic, &run->traffic, reterr_cause);

	if (err)
		return err;
	psr_config_init(config);
	config->queue_count = or_default(params->queues, config->queue_count);
	config->shard = or_default(params->shard, config->shard);
	config->wait_us = or_default(params->wait_us, config->wait_us);
	config->ingest_threads =
		or_default(params->ingest_threads, config->ingest_threads);
	traffic_configure(run->traffic, config);
	run->resident_before = surroundings_resident();
	err = receiver_open(setup->reader, config, &run->receiver,
			    reterr_cause);
	/* The sender has no thread yet. */
	threads_list(&run->threads);
	return err;
}

static void run_look(const struct run *run, struct look *ret_look)
{
	ret_look->wall_ns = clock_wall_ns();
	ret_look->received = receiver_received(run->receiver);
	ret_look->sent = traffic_sent(run->traffic);
	ret_look->usage = threads_use(&run->threads);
	ret_look->sender_cpu_ns = traffic_cpu_ns(run->traffic);
	surroundings_load(&ret_look->load);
	ret_look->queued_bytes =
		run->setup->kernel ? 0 : surroundings_queued(NETLINK_USERSOCK);
}

/*
 * While it looks, this thread goes before those that it looks at on the same
 * CPU, or a window would end when they let it. Not while they are started: a
 * thread inherits the timer slack, which is 0 for this one then, and sleeps
 * more precisely, and at more cost, than with anybody else.
 */
static void run_first(bool first)
{
	const struct sched_param param = { .sched_priority = first ? 1 : 0 };

	(void)sched_setscheduler(
		0, first ? SCHED_FIFO | SCHED_RESET_ON_FORK : SCHED_OTHER,
		&param);
}

/* Sleeps from one look to the next; one that was late makes none too early. */
static int run_flow(struct run *run, const char **reterr_cause)
{
	double half_ns = run->setup->duration_s * 0.5 * (double)NS_PER_S;
	int64_t next_ns;
	int err;

	*reterr_cause = "starting the sender";
	err = traffic_start(run->traffic);
	if (err)
		return err;
	run_first(true);
	next_ns = clock_now_ns() + (int64_t)(2 * half_ns * WARM_UP_SHARE);
	for (uint32_t i = 0; i < LOOKS; i++) {
		while (clock_sleep_until(next_ns))
			;
		/* Not while the receiver's CPU does this thread's work. */
		receiver_time(run->receiver, false);
		run_look(run, &run->looks[i]);
		receiver_time(run->receiver,
			      run->setup->timed && i < LOOKS - 1);
		next_ns = clock_now_ns() + (int64_t)half_ns;
	}
	run_first(false);
	traffic_stop(run->traffic);
	run->resident_after = surroundings_resident();
	*reterr_cause = "sending";
	return traffic_error(run->traffic);
}

static double share_of_cpus(uint64_t before_ns, uint64_t after_ns,
			    double elapsed_ns)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return after_ns > before_ns ? (double)(after_ns - before_ns) /
					      (elapsed_ns * (double)cpus)
				    : 0;
}

static double rate_between(const struct look *a, const struct look *b)
{
	return (double)(b->received - a->received) /
	       (double)(b->wall_ns - a->wall_ns) * 1e9;
}

/*
 * The kernel counts in ticks: in a short window, one or two of them are too
 * large a share and say nothing.
 */
static bool is_disturbed(double share, double elapsed_ns)
{
	double tick_ns = (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
	double ticks_share = 2.5 * tick_ns / elapsed_ns /
			     (double)sysconf(_SC_NPROCESSORS_ONLN);

	return share > fmax(DISTURBED_SHARE, ticks_share);
}

static void judge_window(const struct run *run, struct run_outcome *outcome)
{
	const struct look *first = &run->looks[0], *middle = &run->looks[1];
	const struct look *last = &run->looks[LOOKS - 1];
	double elapsed_ns = (double)(last->wall_ns - first->wall_ns);
	double halves =
		rate_between(first, middle) - rate_between(middle, last);

	outcome->sent_per_s =
		(double)(last->sent - first->sent) / elapsed_ns * 1e9;
	outcome->behind = (double)(last->sent - first->sent) -
			  (double)(last->received - first->received);
	outcome->unsteady =
		fabs(halves) > UNSTEADY_SHARE * rate_between(first, last) ||
		fabs(elapsed_ns / 1e9 - run->setup->duration_s) >
			UNSTEADY_SHARE * run->setup->duration_s;
	outcome->steal = share_of_cpus(first->load.steal_ns,
				       last->load.steal_ns, elapsed_ns);
	outcome->other_load = share_of_cpus(first->load.other_ns,
					    last->load.other_ns, elapsed_ns);
	outcome->disturbed = is_disturbed(outcome->steal, elapsed_ns) ||
			     is_disturbed(outcome->other_load, elapsed_ns);
	/* af_netlink.c: a sender yields to a socket that is half full, and
	 * the kernel doubles the buffer that it was asked for. */
	for (uint32_t i = 0; i < LOOKS; i++)
		outcome->throttled |=
			run->looks[i].queued_bytes > run->config.rcvbuf_bytes;
}

void run_add_remarks(const struct run_outcome *outcome, struct result *row)
{
	row->disturbed += outcome->disturbed;
	row->steal = fmax(row->steal, outcome->steal);
	row->other_load = fmax(row->other_load, outcome->other_load);
	row->throttled += outcome->throttled;
	row->unsteady += outcome->unsteady;
}

static void measure_window(const struct run *run, double values[METRICS])
{
	const struct look *first = &run->looks[0];
	const struct look *last = &run->looks[LOOKS - 1];
	double received = (double)(last->received - first->received);
	double sent = (double)(last->sent - first->sent);

	values[METRIC_RATE] = rate_between(first, last);
	/* No threads: there is no /proc to find them in. */
	if (received > 0 && run->threads.count > 0) {
		values[METRIC_CPU] =
			(double)(last->usage.cpu_ns - first->usage.cpu_ns) /
			received;
		values[METRIC_WAKEUPS] =
			(double)(last->usage.wakeups - first->usage.wakeups) /
			received;
	}
	/* One that spins until a sample is due tells nothing by it. */
	if (sent > 0 && !run->setup->punctual)
		values[METRIC_SENDER_CPU] =
			(double)(last->sender_cpu_ns - first->sender_cpu_ns) /
			sent;
	values[METRIC_MEMORY] =
		run->resident_after > run->resident_before
			? (double)(run->resident_after - run->resident_before)
			: 0;
}

/* A percentile is told if a round of this pace has a sample beyond it. */
static void measure_latency(const struct run_setup *setup,
			    const struct histogram *latency_ns,
			    double values[METRICS])
{
	double expected = or_default(setup->params.rate, 0) * setup->duration_s;

	static const struct {
		enum metric metric;
		double share;
	} percentiles[] = {
		{ METRIC_LATENCY_P50, 0.5 },
		{ METRIC_LATENCY_P90, 0.9 },
		{ METRIC_LATENCY_P99, 0.99 },
		{ METRIC_LATENCY_P999, 0.999 },
	};

	for (uint32_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]);
	     i++) {
		double beyond = 1 - percentiles[i].share;

		if (expected * beyond >= 1 && latency_ns->count > 0)
			values[percentiles[i].metric] =
				(double)histogram_quantile(
					latency_ns, percentiles[i].share);
	}
	if (latency_ns->count > 0)
		values[METRIC_LATENCY_MAX] = (double)latency_ns->max;
}

static int run_finish(struct run *run, struct run_outcome *outcome,
		      char ret_cause[TEXT_BYTES])
{
	struct receiver_total total;
	int err = receiver_finish(run->receiver, &total);

	if (err) {
		snprintf(ret_cause, TEXT_BYTES, "receiving");
		return err;
	}
	outcome->sent = traffic_sent(run->traffic);
	outcome->received = total.received;
	outcome->lost = total.lost;
	for (uint32_t i = 0; i < METRICS; i++)
		outcome->values[i] = NAN;
	judge_window(run, outcome);
	/* Between two looks it was full. */
	outcome->throttled |= total.lost > 0 && !run->setup->kernel;
	measure_window(run, outcome->values);
	if (run->setup->timed && run->setup->reader->decodes)
		measure_latency(run->setup, &total.latency_ns, outcome->values);
	if (total.strays == 0 && total.received + total.lost == outcome->sent)
		return 0;
	snprintf(ret_cause, TEXT_BYTES,
		 "%" PRIu64 " sent, but %" PRIu64 " received, %" PRIu64
		 " lost, and %" PRIu64 " that were no samples",
		 outcome->sent, total.received, total.lost, total.strays);
	return -EBADE;
}

int run_once(const struct run_setup *setup, struct run_outcome *ret_outcome,
	     char ret_cause[TEXT_BYTES])
{
	struct run_outcome outcome = { 0 };
	struct run run = { .setup = setup };
	const char *cause = "";
	int err = run_open(&run, &cause);

	if (!err)
		err = run_flow(&run, &cause);
	if (err)
		snprintf(ret_cause, TEXT_BYTES, "%s", cause);
	else
		err = run_finish(&run, &outcome, ret_cause);
	receiver_close(run.receiver);
	traffic_close(run.traffic);
	if (!err)
		*ret_outcome = outcome;
	return err;
}
