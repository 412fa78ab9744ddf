/* SPDX-License-Identifier: MIT */
/* What an interface of the samples is called. */
#ifndef INTERFACE_H
#define INTERFACE_H

#include "options.h"

#include <net/if.h>

/*
 * A name there is for the kernel's own interfaces only; else it is the number.
 * Return: @name
 */
char *interface_name(const struct options *options, uint32_t ifindex,
		     char name[IF_NAMESIZE]);

#endif /* INTERFACE_H */
