/* SPDX-License-Identifier: MIT */
#include "picture_kind.h"

const struct picture_kind picture_kinds[PICTURE_KINDS] = {
	{ "flood-rate", "flood", BARS, METRIC_RATE, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Flood: samples delivered and lost",
	  "Samples that reach the consumer while the sender sends as fast as "
	  "it can; what was lost of them stands hatched behind. More is "
	  "better." },
	{ "flood-cpu", "flood", BARS, METRIC_CPU, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Flood: CPU of the receiving side",
	  "CPU time of all threads that receive, kernel's share included, for "
	  "each sample delivered. Less is better." },
	{ "kernel-rate", "kernel", BARS, METRIC_RATE, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Kernel: samples delivered and lost",
	  "Samples that the kernel's psample takes of packets in a veth pair, "
	  "flat out, and that reach the consumer; lost ones stand hatched "
	  "behind. More is better." },
	{ "kernel-cpu", "kernel", BARS, METRIC_CPU, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Kernel: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample that the "
	  "kernel's psample took. Less is better." },
	{ "rate-cpu", "rate", LINES, METRIC_CPU, "ns per sample", PARAM_RATE,
	  BY_NONE, false, true, "Pace: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample, while the "
	  "sender keeps a pace. Less is better." },
	{ "rate-wakeups", "rate", LINES, METRIC_WAKEUPS, "wake-ups per sample",
	  PARAM_RATE, BY_NONE, false, true, "Pace: wake-ups",
	  "How often the receiving side was woken, for each sample. A reader "
	  "that never slept is not drawn. Less is better." },
	{ "latency", "latency", PERCENTILES, METRIC_LATENCY_P50, "us", BY_NONE,
	  PARAM_INGEST_THREADS, true, true, "Latency",
	  "Time from sending a sample to its consumer, each reader with the "
	  "smallest wait_us it was measured with. Less is better." },
	{ "latency-wait", "latency", LINES, METRIC_LATENCY_P99, "us, p99",
	  PARAM_WAIT_US, PARAM_INGEST_THREADS, true, true,
	  "Latency for wait_us",
	  "Latency that 99 of 100 samples keep within, against the time that "
	  "psring may collect before it wakes its consumer. Less is better." },
	{ "shards-sender", "shards", LINES, METRIC_SENDER_CPU, "ns per sample",
	  PARAM_QUEUES, PARAM_SHARD, false, false,
	  "Queues: CPU of the sending side",
	  "CPU time of the sender for each sample: each queue's socket adds "
	  "its filter to the kernel's multicast. Less is better." },
	{ "shards-receiver", "shards", LINES, METRIC_CPU, "ns per sample",
	  PARAM_QUEUES, PARAM_SHARD, false, false,
	  "Queues: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample, shared out "
	  "among queues. Less is better." },
	{ "sizes-cpu", "sizes", LINES, METRIC_CPU, "ns per sample", PARAM_SIZE,
	  BY_NONE, false, false, "Sizes: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample, by how much "
	  "of its packet it carries. Less is better." },
	{ "max-ndr", "max", BARS, METRIC_NDR, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Highest rate without a loss (NDR)",
	  "The highest pace at which not one sample was lost. More is "
	  "better." },
	{ "max-pdr", "max", BARS, METRIC_PDR, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Highest rate with 0.5 % lost (PDR)",
	  "The highest pace at which at most 0.5 % of the samples were lost. "
	  "More is better." },
	{ "decode", "decode", BARS, METRIC_OPERATION, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Decoding a sample",
	  "Time to find all attributes of a message in memory, without a "
	  "kernel. Less is better." },
	{ "drain", "drain", BARS, METRIC_OPERATION, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Emptying a full queue",
	  "Time to receive, decode, read and release a sample that waits, in "
	  "one thread. Less is better." },
	{ "ring", "ring", BARS, METRIC_OPERATION, "ns per view", BY_NONE,
	  BY_NONE, false, false, "Handing over between two threads",
	  "Time to pass a view from one thread to another, as many at once as "
	  "batch says. Less is better." },
};
