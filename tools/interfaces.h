/* SPDX-License-Identifier: MIT */
/*
 * The names of interfaces, as long as they are not older than a second or two:
 * an interface may be renamed, or another get its number. One for each thread.
 */
#ifndef INTERFACES_H
#define INTERFACES_H

#include <net/if.h>
#include <stdint.h>

/*
 * A number's place is the number modulo this. Only if more interfaces than that
 * sample, or their numbers are far apart, is one looked up more than once a
 * second.
 */
#define INTERFACES_KNOWN 4096

struct interfaces {
	int socket;	 /* of the network namespace that the numbers are of */
	uint32_t second; /* 1 and more, so that none is known at first */
	struct {
		uint32_t ifindex;
		uint32_t second;
		char name[IF_NAMESIZE]; /* "": there is none */
	} known[INTERFACES_KNOWN];
};

/* All zero before. @socket: any, which the caller closes */
void interfaces_init(struct interfaces *interfaces, int socket);

/* Time goes on. To be called now and then, as before each batch. */
void interfaces_tick(struct interfaces *interfaces);

/*
 * Return: the name, valid until the next call; NULL if there is none. It is
 * printable, and needs no escape in a string of JSON.
 */
const char *interfaces_name(struct interfaces *interfaces, uint32_t ifindex);

#endif /* INTERFACES_H */
