/* SPDX-License-Identifier: MIT */
/*
 * The kernel's sample groups, all of them.
 */
#ifndef GROUPS_H
#define GROUPS_H

#include "psring.h"

/*
 * @ret_groups: to be freed by the caller
 * Return: number of groups, or a negative errno.
 */
int groups_read(struct psr_group **ret_groups, const char **reterr_cause);

#endif /* GROUPS_H */
