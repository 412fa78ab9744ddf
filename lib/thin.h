/* SPDX-License-Identifier: MIT */
/*
 * A sample that the filter passed on as one in so many stands for as many more
 * packets: its view says so.
 */
#ifndef THIN_H
#define THIN_H

#include "psring.h"

static inline void thin_saturate(struct psr_view *view, uint32_t rate)
{
	view->rate = rate;
	view->fields |= PSR_FIELD_RATE_SATURATED;
}

/* A rate of 0 says nothing, and goes on saying that. @thin is not 0. */
static inline void thin_view(struct psr_view *view, uint32_t thin)
{
	uint64_t product = (uint64_t)view->rate * thin;

	if (view->rate == 0)
		return;
	if (!(view->fields & PSR_FIELD_PROBABILITY)) {
		if (product <= UINT32_MAX)
			view->rate = (uint32_t)product;
		else
			thin_saturate(view, UINT32_MAX);
	} else if (view->rate >= thin) {
		view->rate /= thin;
	} else {
		thin_saturate(view, 1);
	}
}

#endif /* THIN_H */
