/* SPDX-License-Identifier: MIT */
/*
 * A name costs a system call, so it is kept. The clock is the coarse one, which
 * costs none.
 */
#include "interfaces.h"

#include "plain.h"

#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

void interfaces_init(struct interfaces *interfaces, int socket)
{
	interfaces->socket = socket;
	interfaces_tick(interfaces);
}

void interfaces_tick(struct interfaces *interfaces)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	interfaces->second = (uint32_t)now.tv_sec + 1;
}

const char *interfaces_name(struct interfaces *interfaces, uint32_t ifindex)
{
	uint32_t place = ifindex % INTERFACES_KNOWN;
	struct ifreq request = { .ifr_ifindex = (int)ifindex };

	if (interfaces->known[place].ifindex != ifindex ||
	    interfaces->known[place].second != interfaces->second) {
		if (ioctl(interfaces->socket, SIOCGIFNAME, &request) < 0)
			request.ifr_name[0] = '\0';
		memcpy(interfaces->known[place].name, request.ifr_name,
		       IF_NAMESIZE);
		plain_name(interfaces->known[place].name);
		interfaces->known[place].ifindex = ifindex;
		interfaces->known[place].second = interfaces->second;
	}
	return *interfaces->known[place].name ? interfaces->known[place].name
					      : NULL;
}
