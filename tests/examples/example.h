/* SPDX-License-Identifier: MIT */
/*
 * What the examples of event loops have in common: everything but the loop.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <psring.h>

/*
 * Opens and starts an engine on the NETLINK_USERSOCK group that the first
 * argument names, or else on the kernel's psample. Ends the program on failure.
 */
struct psr *example_open(int argc, char **argv);

/*
 * Prints all that is there, a line a sample. Returns 0: psr_queue_fd becomes
 * readable when there is more; or a negative errno: there will be no more.
 */
int example_serve(struct psr_queue *queue);

/* Ends the program on a negative errno @err of @what. */
void example_check(int err, const char *what);

/* Ends the program: with success only where the books balance. */
_Noreturn void example_end(struct psr *psr, int err);

#endif /* EXAMPLE_H */
