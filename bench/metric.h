/* SPDX-License-Identifier: MIT */
/*
 * What is measured: each metric has one name, which is its key in the JSON, one
 * unit and one direction, and every table, picture and comparison takes them
 * from here.
 */
#ifndef METRIC_H
#define METRIC_H

#include <stdbool.h>

enum metric {
	METRIC_RATE,	   /* samples delivered per second */
	METRIC_CPU,	   /* of all threads that receive, per sample */
	METRIC_SENDER_CPU, /* of all threads that send, per sample */
	METRIC_WAKEUPS,	   /* sleeps that ended, receiving side, per sample */
	METRIC_LATENCY_P50,
	METRIC_LATENCY_P90,
	METRIC_LATENCY_P99,
	METRIC_LATENCY_P999,
	METRIC_LATENCY_MAX,
	METRIC_MEMORY,	  /* resident bytes that the reader added */
	METRIC_NDR,	  /* highest rate without a loss */
	METRIC_PDR,	  /* highest rate with at most 0.5 % lost */
	METRIC_OPERATION, /* one decode or hand-over, without a kernel */
	METRICS
};

struct metric_kind {
	const char *key;     /* in the JSON */
	const char *percent; /* the same within "latency_ns", else NULL */
	const char *heading; /* in a table, with the unit after scaling */
	double scale;	     /* of the values for people */
	int decimals;
	bool more_is_better;
};

extern const struct metric_kind metric_kinds[METRICS];

#endif /* METRIC_H */
