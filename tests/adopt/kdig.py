# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kdig: process_query() goes through the addresses of a server and calls net_connect() for each, which connects a
# socket and then the session. Here, for DNS over TLS, net_connect() hands the session the addresses that are left and
# takes the one that it got; when it got none, there is none left to go on with.
from edit import CONNECT_SESSION, FASTOPEN_CONNECT, main


def two_lines(source):
    net = source("src/utils/common/netio.c")
    net.before(r"\n[ \t]*// Establish a connection\.", FASTOPEN_CONNECT % {"fd": "sockfd"}, within="net_connect")


def tlsfo(source):
    net = source("src/utils/common/netio.c")
    net.include("errno.h", "tlsfo/tlsfo.h")
    net.before_function("net_connect", CONNECT_SESSION + """
static int bind_local(int fd, int family, void *data)
{
	const net_t *net = data;
	struct sockaddr_storage any = { .ss_family = family };

	if (net->local_info == NULL) {
		(void)bind(fd, (struct sockaddr *)&any, sockaddr_len(&any));
		return 0;
	}
	return bind(fd, net->local_info->ai_addr, net->local_info->ai_addrlen) == 0 ? 0 : errno;
}

/* A warning for each address, as there is one when its turn comes in a loop. */
static void warn_of_attempts(net_t *net)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	if (tlsfo_transport_get_report(net->tls.session, &report) != 0) {
		return;
	}
	for (const struct addrinfo *one = net->srv; one != NULL; one = one->ai_next) {
		char address[SOCKADDR_STRLEN] = { 0 };
		bool refused = false;
		size_t i;

		sockaddr_tostr(address, sizeof(address), (struct sockaddr_storage *)one->ai_addr);
		for (i = 0; i < report.attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
			size_t length = strlen(report.attempts[i].address);

			refused = refused || (strncmp(address, report.attempts[i].address, length) == 0 &&
			                      address[length] == '@' && report.attempts[i].error != 0 &&
			                      report.attempts[i].error != ETIMEDOUT);
		}
		get_addr_str((struct sockaddr_storage *)one->ai_addr, net->socktype, &net->remote_str);
		if (refused) {
			WARN("can't connect to %s", net->remote_str);
		} else {
			WARN("connection timeout for %s", net->remote_str);
		}
	}
}

static int net_connect_tls(net_t *net)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	int ret = tls_ctx_setup_remote_endpoint(&net->tls, &dot_alpn, 1, NULL, net_get_remote(net));

	if (ret != 0) {
		return ret;
	}
	int sockfd = connect_session(net->tls.session, net->srv, net->remote->name,
	                             tlsfo_deadline_in(1000 * net->wait), bind_local, net);
	if (sockfd < 0) {
		warn_of_attempts(net);
		while (net->srv->ai_next != NULL) {
			net->srv = net->srv->ai_next;
		}
		return KNOT_NET_ECONNECT;
	}
	if (getpeername(sockfd, (struct sockaddr *)&peer, &length) == 0) {
		while (net->srv->ai_next != NULL &&
		       sockaddr_cmp((struct sockaddr_storage *)net->srv->ai_addr, &peer, false) != 0) {
			net->srv = net->srv->ai_next;
		}
		get_addr_str(&peer, net->socktype, &net->remote_str);
	}
	(void)fcntl(sockfd, F_SETFL, O_NONBLOCK);
	ret = tls_ctx_connect(&net->tls, sockfd, false, NULL);
	if (ret != KNOT_EOK) {
		close(sockfd);
		return ret;
	}
	net->sockfd = sockfd;
	return KNOT_EOK;
}
""")
    net.before(r"\n[ \t]*// Create socket\.", """
	bool tls_first = net->socktype == SOCK_STREAM && net->tls.params != NULL && !(net->flags & NET_FLAGS_FASTOPEN);
#ifdef LIBNGHTTP2
	tls_first = tls_first && !net->https.params.enable;
#endif
	if (tls_first) {
		return net_connect_tls(net);
	}
""", within="net_connect")

    tls = source("src/utils/common/tls.c")
    tls.replace(r"\} else \{(\s*gnutls_transport_set_int\()", r"} else if (addr != NULL) {\1", within="tls_ctx_connect")
    # The path memory is told at gnutls_deinit(), so the socket is closed after it.
    tls.after(r"gnutls_bye\([^;]*;", """
	gnutls_deinit(ctx->session);
	ctx->session = NULL;""", within="tls_ctx_close")


main(two_lines, tlsfo)
