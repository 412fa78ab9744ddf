/* SPDX-License-Identifier: MIT */
/*
 * One page over HTTP, for whoever asks GET /metrics: by libmicrohttpd, in the
 * thread that calls http_run, which nobody can hold up: a request has 8 KiB, a
 * client 10 seconds for its next byte, and there are 32 of them at most. The
 * others wait to be accepted: for hours, if the 32 send a byte now and then, for
 * libmicrohttpd has no deadline for a request, and a limit for each address is
 * none for those who share one, as all of this machine do.
 */
#ifndef HTTP_H
#define HTTP_H

#include "address.h"

#include <stdio.h>

struct http;

/* The page, whole; for each request. Return: 0; -1: there is none yet. */
typedef int http_page_fn(void *context, FILE *stream);

/*
 * Listen, while there are privileges for it. Return: a descriptor for http_open,
 * or a negative errno. @address: gets its port, where it was 0
 */
int http_bind(union address *address);

/*
 * Serve on @fd, which it then owns. @type: of the page. Return: 0, or -ENOMEM
 * or what else there was none of; @fd is then closed.
 */
int http_open(int fd, const char *type, http_page_fn *page, void *context,
	      struct http **ret_http);

/* Readable when http_run is due. It is due once a second as well. */
int http_fd(const struct http *http);

void http_run(struct http *http);

/* @http: may be NULL */
void http_close(struct http *http);

#endif /* HTTP_H */
