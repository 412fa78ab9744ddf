/* SPDX-License-Identifier: MIT */
/* What differs between two views, by name. */
#include "difference.h"

#include <stddef.h>
#include <string.h>

#define FIELD(name)                                                   \
	{                                                             \
#name, offsetof(struct psr_view, name),               \
			sizeof(((const struct psr_view *)NULL)->name) \
	}

static const struct {
	const char *name;
	size_t offset;
	size_t bytes;
} fields[] = {
	FIELD(fields), FIELD(timestamp_ns), FIELD(latency_ns), FIELD(orig_size),
	FIELD(group),  FIELD(group_seq),    FIELD(rate),       FIELD(iif),
	FIELD(oif),    FIELD(nsid),	    FIELD(private_id), FIELD(data_len),
	FIELD(proto),  FIELD(out_tc),
};

const char *view_difference(const struct psr_view *a, const struct psr_view *b)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (memcmp((const uint8_t *)a + fields[i].offset,
			   (const uint8_t *)b + fields[i].offset,
			   fields[i].bytes) != 0)
			return fields[i].name;
	return NULL;
}
