# SPDX-License-Identifier: LGPL-2.1-or-later
#
# msmtp: names, loop and connect(2) are in net.c, the session is in mtls-gnutls.c, and msmtp.c, which sends a mail,
# makes the session before it connects. So the session is handed down, and is connected instead of a socket when TLS
# comes first: not with STARTTLS, a proxy or a socket file. (--serverinfo and --rmqs connect first; they stay.)
from edit import CONNECT_SESSION, FASTOPEN_CONNECT, main


def two_lines(source):
    net = source("src/net.c")
    net.include("netinet/tcp.h")
    net.before(r"\n[ \t]*if \(net_connect\(fd, res->", FASTOPEN_CONNECT % {"fd": "fd"}, within="net_open_socket")


def tlsfo(source):
    source("src/net.h").before(r"#endif\s*\Z", """
/* The session to connect, or NULL: the socket is connected, without TLS as yet. */
extern struct gnutls_session_int *net_tls_session;

""")

    net = source("src/net.c")
    net.include("gnutls/gnutls.h", "tlsfo/tlsfo.h")
    net.before_function("net_open_socket", """
struct gnutls_session_int *net_tls_session;

static int bind_source(int fd, int family, void *source_ip)
{
	(void)family;
	return !source_ip || net_bind_source_ip_to_socket(fd, source_ip) == 0 ? 0 : errno;
}
""" + CONNECT_SESSION)
    net.replace(r"(for \(res = )(res0)(;)", r"\1net_tls_session ? NULL : \2\3", within="net_open_socket")
    net.before(r"\n[ \t]*if \(fd >= 0\)\s*\{\s*if \(canonical_name\)", """
    if (net_tls_session)
    {
        fd = connect_session(net_tls_session, res0, hostname,
                timeout > 0 ? tlsfo_deadline_in(timeout * INT64_C(1000)) : TLSFO_NEVER,
                bind_source, (void *)source_ip);
        cause = 3;
        failure_errno = errno;
    }
""", within="net_open_socket")

    source("src/mtls.h").before(r"#endif\s*\Z", "struct gnutls_session_int *mtls_session(mtls_t *mtls);\n\n")

    mtls = source("src/mtls-gnutls.c")
    mtls.replace(r"\n[^\n]*gnutls_server_name_set\([^;]*;", "", within="mtls_start")
    mtls.replace(r"(\n[ \t]*)(gnutls_transport_set_int\()", r"\1if (!net_tls_session)\1    \2", within="mtls_start")
    mtls.after(r"mtls->hostname = xstrdup\(hostname\);", """
    gnutls_server_name_set(mtls->internals->session, GNUTLS_NAME_DNS, hostname, strlen(hostname));""",
               within="mtls_init")
    mtls.replace(r'(#include )("mtls.h")', r'\1\2\n\1"net.h"')
    mtls.before_function("mtls_start", """
struct gnutls_session_int *mtls_session(mtls_t *mtls)
{
	return mtls->internals->session;
}
""")

    source("src/msmtp.c").before(r"\n[ \t]*if \(\(e = smtp_connect\(", """
    if (acc->tls && acc->tls_nostarttls && !acc->proxy_host && !acc->socketname)
        net_tls_session = mtls_session(&srv.mtls);
""", within="msmtp_sendmail")


main(two_lines, tlsfo)
