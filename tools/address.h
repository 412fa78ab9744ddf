/* SPDX-License-Identifier: MIT */
/* Where to listen, in numbers: 127.0.0.1:9517, [::1]:9517, or :9517, loopback. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>

#define ADDRESS_TEXT_MAX 64

union address {
	struct sockaddr any; /* sa_family AF_UNSPEC: none */
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

/* Return: 0; -1: it is no address, or has no port. Port 0: any that is free. */
int address_parse(const char *text, union address *ret_address);

socklen_t address_len(const union address *address);

/* As it is parsed. Return: @text */
char *address_text(const union address *address, char text[ADDRESS_TEXT_MAX]);

#endif /* ADDRESS_H */
