/* SPDX-License-Identifier: MIT */
/*
 * What examples have in common; those of event loops, everything but the loop.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <psring.h>

/*
 * The defaults, for the NETLINK_USERSOCK group that @usersock_group names, or
 * for the kernel's psample where it is NULL.
 */
struct psr_config example_config(const char *usersock_group);

/* Opens and starts an engine. Ends the program on failure. */
struct psr *example_start(const struct psr_config *config);

/*
 * Prints all that is there, a line a sample. Returns 0: psr_queue_fd becomes
 * readable when there is more; or a negative errno: there will be no more.
 */
int example_serve(struct psr_queue *queue);

/* SIGINT no longer ends the program, but makes the descriptor readable. */
int example_interrupt(void);

/* Ends the program on a negative errno @err of @what. */
void example_check(int err, const char *what);

/* Ends the program: with success only where the books balance. */
_Noreturn void example_end(struct psr *psr, int err);

#endif /* EXAMPLE_H */
