# SPDX-License-Identifier: LGPL-2.1-or-later
#
# gnutls-cli: socket_open2() of socket.c has names, loop, connect(2), STARTTLS, session and handshake in one function.
# Here, where TLS comes first and nobody traces the bytes, the session is made before the loop and connected instead.
from edit import CONNECT_SESSION, FASTOPEN_CONNECT, main


def two_lines(source):
    socket = source("src/socket.c")
    socket.include("netinet/in.h")
    socket.before(r"\n[ \t]*if \(\(err = connect\(sd,", FASTOPEN_CONNECT % {"fd": "sd"}, within="socket_open2")


def tlsfo(source):
    socket = source("src/socket.c")
    socket.include("tlsfo/tlsfo.h")
    socket.before_function("socket_open2", CONNECT_SESSION + """
/* What connecting in a loop prints: each address once. The last is left in @address. */
static void print_attempts(socket_st *hd, const char *msg, const char *service, char *address, size_t size)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	size_t i, k;

	if (tlsfo_transport_get_report(hd->session, &report) != 0)
		return;
	for (i = 0; i < report.attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		for (k = 0; k < i && strcmp(report.attempts[k].address, report.attempts[i].address) != 0; k++)
			;
		if (k < i)
			continue;
		snprintf(address, size, "%s", report.attempts[i].address);
		if (msg)
			log_msg(stdout, "%s '%s:%s'...\\n", msg, address, service);
	}
}

static int connect_first(socket_st *hd, const char *hostname, struct addrinfo *res, const char *msg,
	char *address, size_t size, char *service, size_t service_size)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	int save_errno;

	hd->session = init_tls_session(hostname);
	if (hd->session == NULL)
		return -1;
	if (hd->edata.data && gnutls_record_send_early_data(hd->session, hd->edata.data, hd->edata.size) < 0)
		return -1;
	if (hd->rdata.data)
		gnutls_session_set_data(hd->session, hd->rdata.data, hd->rdata.size);
	getnameinfo(res->ai_addr, res->ai_addrlen, address, size, service, service_size, NI_NUMERICHOST | NI_NUMERICSERV);
	hd->fd = connect_session(hd->session, res, hostname, TLSFO_NEVER, NULL, NULL);
	save_errno = errno;
	print_attempts(hd, msg, service, address, size);
	if (hd->fd >= 0 && getpeername(hd->fd, (struct sockaddr *)&peer, &length) == 0)
		getnameinfo((struct sockaddr *)&peer, length, address, size, NULL, 0, NI_NUMERICHOST);
	errno = save_errno;
	return hd->fd;
}
""")
    socket.replace(r"\n[ \t]*for \(ptr = res;", r"""
	if (!udp && !fastopen && !client_trace && !server_trace &&
	    !(flags & (SOCKET_FLAG_STARTTLS | SOCKET_FLAG_RAW | SOCKET_FLAG_SKIP_INIT))) {
		sd = connect_first(hd, hostname, res, msg, buffer, sizeof(buffer), portname, sizeof(portname));
		err = sd < 0 ? -1 : 0;
		if (sd >= 0 && (ret = do_handshake(hd)) < 0) {
			if (!(flags & SOCKET_FLAG_DONT_PRINT_ERRORS))
				fprintf(stderr, "*** handshake has failed: %s\\n", gnutls_strerror(ret));
			close(sd);
			exit(1);
		}
	}
	for (ptr = hd->session ? NULL : res;""", within="socket_open2")


main(two_lines, tlsfo)
