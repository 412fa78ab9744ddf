/* SPDX-License-Identifier: MIT */
/*
 * libmicrohttpd with its epoll descriptor in somebody else's loop: no thread, so
 * no lock, and what it serves cannot change under it.
 */
#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX	  32U
#define CONNECTION_S	  10U
#define CONNECTION_MEMORY ((size_t)8192)
#define BACKLOG		  256
#define TURNS_MAX	  64 /* of one http_run */

struct http {
	struct MHD_Daemon *daemon;
	const char *type;
	http_page_fn *page;
	void *context;
};

int http_bind(union address *address)
{
	socklen_t len = address_len(address);
	int yes = 1, error;
	int fd = socket(address->any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* Connections of an earlier run that linger do not keep the port. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (!bind(fd, &address->any, len) && !listen(fd, BACKLOG) &&
	    !getsockname(fd, &address->any, &len))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* @response: may be NULL: no memory, and the connection is closed */
static enum MHD_Result respond(struct MHD_Connection *connection,
			       unsigned int status, const char *type,
			       struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result respond_text(struct MHD_Connection *connection,
				    unsigned int status, const char *text)
{
	static const char type[] = "text/plain; charset=utf-8";
	char *copy = strdup(text);

	return copy ? respond(connection, status, type,
			      MHD_create_response_from_buffer(
				      strlen(copy), copy,
				      MHD_RESPMEM_MUST_FREE))
		    : MHD_NO;
}

static enum MHD_Result respond_page(const struct http *http,
				    struct MHD_Connection *connection)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	int none = stream ? http->page(http->context, stream) : 0;

	if (!stream || fclose(stream)) {
		free(text);
		return MHD_NO; /* no memory: the connection is closed */
	}
	if (!none)
		return respond(connection, MHD_HTTP_OK, http->type,
			       MHD_create_response_from_buffer(
				       len, text, MHD_RESPMEM_MUST_FREE));
	free(text);
	return respond_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
			    "no reading yet\n");
}

/* An MHD_AccessHandlerCallback. NOLINTBEGIN(readability-*) */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_size, void **state)
/* NOLINTEND(readability-*) */
{
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	/* Before a body is read: the connection is closed instead. */
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				    "only GET\n");
	if (!strcmp(url, "/metrics"))
		return respond_page(context, connection);
	if (!strcmp(url, "/"))
		return respond_text(connection, MHD_HTTP_OK,
				    "psring stat: see /metrics\n");
	return respond_text(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
}

int http_open(int fd, const char *type, http_page_fn *page, void *context,
	      struct http **ret_http)
{
	struct http *http = malloc(sizeof(*http));

	if (!http) {
		close(fd);
		return -ENOMEM;
	}
	*http = (struct http){ .type = type, .page = page, .context = context };
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, http,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
		MHD_OPTION_END);
	if (!http->daemon) {
		close(fd);
		free(http);
		return -ENOMEM;
	}
	*ret_http = http;
	return 0;
}

int http_fd(const struct http *http)
{
	return MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)
		->epoll_fd;
}

void http_run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms = 0;

	/* A timeout of 0 says that there is more to do. */
	for (int i = 0; i < TURNS_MAX && !timeout_ms; i++) {
		if (MHD_run(http->daemon) != MHD_YES ||
		    MHD_get_timeout(http->daemon, &timeout_ms) != MHD_YES)
			return;
	}
}

void http_close(struct http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
