/* SPDX-License-Identifier: MIT */
/*
 * Membership of all sockets in the multicast group of samples: gained in
 * psr_open, lost when psample is unloaded, and gained again by psr_watch.
 */
#ifndef MEMBERSHIP_H
#define MEMBERSHIP_H

#include "engine.h"

/* Finds the group. After it, what happens to the group is heard of. */
int membership_find(struct psr *psr, const char **reterr_cause);

/* Makes the sockets members, where the group was found. */
int membership_gain(struct psr *psr, const char **reterr_cause);

void membership_close(struct psr *psr);

#endif /* MEMBERSHIP_H */
