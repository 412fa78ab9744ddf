/* SPDX-License-Identifier: MIT */
/* What an interface of the samples is called. */
#ifndef INTERFACE_H
#define INTERFACE_H

#include "meter.h"
#include "options.h"

#include <net/if.h>

/*
 * A name there is for the kernel's interfaces in the network namespace of this
 * process only; else it is the number.
 * Return: @name
 */
char *interface_name(const struct options *options,
		     const struct meter_line *line, char name[IF_NAMESIZE]);

#endif /* INTERFACE_H */
