/* SPDX-License-Identifier: MIT */
/*
 * A reading as a page of metrics, in the text format of Prometheus: names and
 * units as it wants them, counters that never go back, and no more lines than
 * there are threads and places in the meter.
 */
#ifndef METRICS_H
#define METRICS_H

#include "options.h"
#include "reading.h"

#include <stdio.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Errors of the stream are its owner's to check. */
void metrics_write(const struct reading *reading, const struct options *options,
		   FILE *stream);

#endif /* METRICS_H */
