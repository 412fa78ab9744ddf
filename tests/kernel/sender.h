/* SPDX-License-Identifier: MIT */
/*
 * sender.h - frames on their way out of an interface, at the pace asked for
 */
#ifndef SENDER_H
#define SENDER_H

#include "frame.h"

struct pace {
	uint32_t frame_count;
	uint32_t burst_frames;
	uint32_t every_us; /* from burst to burst; 0: at once */
};

/*
 * A packet socket bound to the interface, which receives nothing.
 * Return: 0 or a negative errno
 */
int sender_open(const char *ifname, uint8_t ret_mac[ETH_ALEN], int *ret_fd);

/* Return: 0, or a negative errno; *ret_sent tells how many went out anyway. */
int sender_send(int fd, const struct traffic *traffic, const struct pace *pace,
		uint32_t *ret_sent);

#endif
