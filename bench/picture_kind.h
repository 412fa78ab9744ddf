/* SPDX-License-Identifier: MIT */
/* What each picture shows. */
#ifndef PICTURE_KIND_H
#define PICTURE_KIND_H

#include "metric.h"
#include "params.h"

#include <stdbool.h>
#include <stdint.h>

enum picture_form {
	BARS,
	LINES,
	PERCENTILES /* lines too, along the percentiles of latency */
};

#define BY_NONE PARAMS

struct picture_kind {
	const char *name; /* of its file */
	const char *scenario;
	enum picture_form form;
	enum metric metric;
	const char *unit; /* of the metric, after scaling */
	uint32_t along;	  /* of LINES: parameter on the x axis */
	uint32_t split;	  /* of lines: parameter that makes another line */
	bool each_rate;	  /* a picture for each rate */
	bool logarithmic; /* the metric's axis */
	const char *title;
	const char *caption;
};

#define PICTURE_KINDS 16
extern const struct picture_kind picture_kinds[PICTURE_KINDS];

#endif /* PICTURE_KIND_H */
