/* SPDX-License-Identifier: MIT */
/* The table of metrics, in the order of enum metric. */
#include "metric.h"

#include <stddef.h>

const struct metric_kind metric_kinds[METRICS] = {
	{ "samples_per_s", NULL, "1000/s", 1e-3, 1, true },
	{ "cpu_ns_per_sample", NULL, "CPU ns", 1, 0, false },
	{ "sender_cpu_ns_per_sample", NULL, "sender ns", 1, 0, false },
	{ "wakeups_per_sample", NULL, "wake-ups", 1, 4, false },
	{ "latency_ns", "p50", "p50 us", 1e-3, 0, false },
	{ "latency_ns", "p90", "p90 us", 1e-3, 0, false },
	{ "latency_ns", "p99", "p99 us", 1e-3, 0, false },
	{ "latency_ns", "p99.9", "p99.9 us", 1e-3, 0, false },
	{ "latency_ns", "max", "max us", 1e-3, 0, false },
	{ "resident_bytes", NULL, "MiB", 1.0 / (1 << 20), 1, false },
	{ "ndr_samples_per_s", NULL, "NDR 1000/s", 1e-3, 0, true },
	{ "pdr_samples_per_s", NULL, "PDR 1000/s", 1e-3, 0, true },
	{ "ns_per_operation", NULL, "ns", 1, 1, false },
};
