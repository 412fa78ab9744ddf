/* SPDX-License-Identifier: MIT */
/* Names of interfaces. */
#include "interface.h"

#include <stdio.h>

char *interface_name(const struct options *options, uint32_t ifindex,
		     char name[IF_NAMESIZE])
{
	if (options->source != OPTIONS_PSAMPLE ||
	    !if_indextoname(ifindex, name))
		snprintf(name, IF_NAMESIZE, "%u", ifindex);
	return name;
}
