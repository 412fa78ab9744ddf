/* SPDX-License-Identifier: MIT */
/* Names of interfaces. */
#include "interface.h"

#include <stdio.h>

char *interface_name(const struct options *options,
		     const struct meter_line *line, char name[IF_NAMESIZE])
{
	uint32_t ifindex = (uint32_t)line->key;

	if (options->source != OPTIONS_PSAMPLE || line->nsid != PSR_NSID_OWN ||
	    !if_indextoname(ifindex, name))
		snprintf(name, IF_NAMESIZE, "%u", ifindex);
	return name;
}
