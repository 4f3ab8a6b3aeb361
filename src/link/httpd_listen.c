/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/httpd_p.h"

#define BACKLOG 1024

/* --- the listening socket ------------------------------------------------- */

static int split_listen(const char *listen, char *host, size_t n,
    const char **port, struct err *e)
{
	const char *colon = strrchr(listen, ':');
	size_t len = colon != NULL ? (size_t)(colon - listen) : 0;

	if (colon == NULL || len >= n || colon[1] == '\0')
		return err_set(e, ERR_INVALID, "http.listen: \"%s\" is not "
		    "ADDRESS:PORT", listen);
	if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']') {
		listen++;
		len -= 2;
	}
	memcpy(host, listen, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

static int bind_to(const struct addrinfo *ai)
{
	int one = 1, fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

int httpd_listen(const char *listen, int *fd, int *port,
    struct err *e)
{
	const struct addrinfo hint = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE };
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof(ss);
	struct addrinfo *ai = NULL;
	const char *service = NULL;
	char host[256];
	int rc = split_listen(listen, host, sizeof(host), &service, e);

	if (rc != 0)
		return rc;
	rc = getaddrinfo(host[0] != '\0' ? host : NULL, service, &hint, &ai);
	if (rc != 0)
		return err_set(e, ERR_INVALID, "http.listen: \"%s\": %s",
		    listen, gai_strerror(rc));
	*fd = bind_to(ai);
	freeaddrinfo(ai);
	if (*fd < 0)
		return err_set(e, ERR_IO, "cannot listen on %s: %s", listen,
		    strerror(errno));
	getsockname(*fd, (struct sockaddr *)&ss, &n);
	*port = ntohs(ss.ss_family == AF_INET6 ?
	    ((struct sockaddr_in6 *)&ss)->sin6_port :
	    ((struct sockaddr_in *)&ss)->sin_port);
	return 0;
}
