/* SPDX-License-Identifier: MIT */
/* Addresses and ports as text. */
#include "address.h"

#include "number.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int parse_host(const char *host, in_port_t port,
		      union address *ret_address)
{
	union address address = { 0 };
	size_t len = strlen(host);
	char inside[INET6_ADDRSTRLEN];

	if (*host != '[') {
		address.ipv4.sin_family = AF_INET;
		address.ipv4.sin_port = port;
		if (inet_pton(AF_INET, *host ? host : "127.0.0.1",
			      &address.ipv4.sin_addr) != 1)
			return -1;
	} else {
		if (len < 2 || len - 2 >= sizeof(inside) ||
		    host[len - 1] != ']')
			return -1;
		memcpy(inside, host + 1, len - 2);
		inside[len - 2] = '\0';
		address.ipv6.sin6_family = AF_INET6;
		address.ipv6.sin6_port = port;
		if (inet_pton(AF_INET6, inside, &address.ipv6.sin6_addr) != 1)
			return -1;
	}
	*ret_address = address;
	return 0;
}

int address_parse(const char *text, union address *ret_address)
{
	const char *colon = strrchr(text, ':');
	char host[ADDRESS_TEXT_MAX];
	uint64_t port;

	if (!colon || (size_t)(colon - text) >= sizeof(host) ||
	    number_parse(colon + 1, &port) || port > UINT16_MAX)
		return -1;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	return parse_host(host, htons((in_port_t)port), ret_address);
}

socklen_t address_len(const union address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->ipv6)
						  : sizeof(address->ipv4);
}

char *address_text(const union address *address, char text[ADDRESS_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN];

	if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->ipv6.sin6_addr, host,
			  sizeof(host));
		snprintf(text, ADDRESS_TEXT_MAX, "[%s]:%u", host,
			 ntohs(address->ipv6.sin6_port));
	} else {
		inet_ntop(AF_INET, &address->ipv4.sin_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_MAX, "%s:%u", host,
			 ntohs(address->ipv4.sin_port));
	}
	return text;
}
