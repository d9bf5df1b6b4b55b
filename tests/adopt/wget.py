# SPDX-License-Identifier: LGPL-2.1-or-later
#
# wget: connect.c has the loop over addresses and says on standard error which are tried; gnutls.c makes a
# session for a connected socket; http.c calls the one and then the other. Here ssl_connect_wget() is called
# before as well, with -1, and makes a session that connect_to_host() connects: for https without a proxy.
#
# Both variants ask for the ticket when a second connection of FTPS wants it, and not behind every handshake, where
# gnutls_session_get_data2() waits a round trip for it.
from edit import CONNECT_SESSION, FASTOPEN_CONNECT, main


def fetch_ticket_late(gnutls):
    gnutls.replace(r"ctx->session_data = xnew0 \(gnutls_datum_t\);\n\s*(ctx->session = session;)\n"
                   r"\s*if \(gnutls_session_get_data2.*?\}(\s*fd_register_transport)", r"\1\2",
                   within="ssl_connect_wget")
    gnutls.after(r"fd_transport_context \(\*continue_session\);", """
      if (ctx && !ctx->session_data)
        {
          ctx->session_data = xnew0 (gnutls_datum_t);
          if (gnutls_session_get_data2 (ctx->session, ctx->session_data))
            xfree (ctx->session_data);
        }""", within="ssl_connect_wget")


def two_lines(source):
    fetch_ticket_late(source("src/gnutls.c"))
    connect = source("src/connect.c")
    connect.include("netinet/tcp.h")
    connect.before(r"\n[^\n]*/\*[^\n]*\n  if \(connect_with_timeout \(", FASTOPEN_CONNECT % {"fd": "sock"},
                   within="connect_to_ip")


def tlsfo(source):
    gnutls = source("src/gnutls.c")
    fetch_ticket_late(gnutls)
    gnutls.before_function("ssl_connect_wget", """
/* What ssl_connect_wget() made for -1, for connect_to_host() to connect. */
struct gnutls_session_int *ssl_session_to_connect;
""")
    gnutls.after(r"^  int err;\n", """
  if (fd >= 0 && ssl_session_to_connect)
    {
      session = ssl_session_to_connect;
      ssl_session_to_connect = NULL;
      goto connected;
    }
""", within="ssl_connect_wget")
    gnutls.before(r"^#ifndef FD_TO_SOCKET", "  if (fd >= 0)\n", within="ssl_connect_wget")
    gnutls.before(r"\n  if \(continue_session\)", """
  if (fd < 0)
    {
      ssl_session_to_connect = session;
      return true;
    }
""", within="ssl_connect_wget")
    gnutls.before(r"\n  err = _do_handshake \(", "\n connected:", within="ssl_connect_wget")

    source("src/ssl.h").before(r"\n#endif[^\n]*\s*\Z", "\nextern struct gnutls_session_int *ssl_session_to_connect;\n")

    connect = source("src/connect.c")
    connect.include("tlsfo/tlsfo.h", "stdlib.h")
    connect.after(r'#include "connect.h"', '\n#include "ssl.h"')
    connect.before_function("connect_to_host", CONNECT_SESSION + """
static int
bind_source (int fd, int family, void *unused)
{
  struct sockaddr_storage ss;

  (void) unused;
#if defined(ENABLE_IPV6) && defined(IPV6_V6ONLY)
  if (opt.ipv6_only && family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof (int));
#endif
  if (!opt.bind_address || !resolve_bind_address ((struct sockaddr *) &ss))
    return 0;
  return bind (fd, (struct sockaddr *) &ss, sockaddr_size ((struct sockaddr *) &ss)) < 0 ? errno : 0;
}

/* One line for each address that was tried, as connect_to_ip() has it; the last attempt tells. */
static void
print_attempts (const struct tlsfo_report *report, const char *host, int port)
{
  for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++)
    {
      const struct tlsfo_attempt *attempt = &report->attempts[i];
      bool again = attempt->result == TLSFO_ATTEMPT_LOST;
      char *name;

      for (size_t k = i + 1; k < report->attempt_count && k < TLSFO_ATTEMPTS_MAX; k++)
        again = again || strcmp (attempt->address, report->attempts[k].address) == 0;
      if (again)
        continue;
      name = opt.enable_iri ? idn_decode ((char *) host) : NULL;
      if (strcmp (host, attempt->address) == 0)
        logprintf (LOG_VERBOSE, strchr (host, ':') ? _("Connecting to [%s]:%d... ") : _("Connecting to %s:%d... "),
                   host, port);
      else if (name)
        logprintf (LOG_VERBOSE, _("Connecting to %s (%s)|%s|:%d... "), name, host, attempt->address, port);
      else
        logprintf (LOG_VERBOSE, _("Connecting to %s|%s|:%d... "), escnonprint_uri (host), attempt->address, port);
      xfree (name);
      if (attempt->result == TLSFO_ATTEMPT_WON)
        logprintf (LOG_VERBOSE, _("connected.\\n"));
      else
        logprintf (LOG_NOTQUIET, _("failed: %s.\\n"), strerror (attempt->error ? attempt->error : ETIMEDOUT));
    }
}

static int
connect_session_to_host (const struct address_list *al, const char *host, int port)
{
  struct tlsfo_report report = TLSFO_REPORT_INIT;
  struct sockaddr_storage ss[TLSFO_ATTEMPTS_MAX];
  struct addrinfo list[TLSFO_ATTEMPTS_MAX];
  int sock, start, end, i, save_errno;

  address_list_get_bounds (al, &start, &end);
  if (end > start + TLSFO_ATTEMPTS_MAX)
    end = start + TLSFO_ATTEMPTS_MAX;
  memset (list, 0, sizeof (list));
  for (i = 0; i < end - start; i++)
    {
      struct sockaddr *sa = (struct sockaddr *) &ss[i];

      sockaddr_set_data (sa, address_list_address_at (al, start + i), port);
      list[i].ai_family = sa->sa_family;
      list[i].ai_socktype = SOCK_STREAM;
      list[i].ai_addr = sa;
      list[i].ai_addrlen = sockaddr_size (sa);
      list[i].ai_next = i + 1 < end - start ? &list[i + 1] : NULL;
    }
  sock = connect_session (ssl_session_to_connect, list, host,
                          opt.connect_timeout ? tlsfo_deadline_in (opt.connect_timeout * 1000) : TLSFO_NEVER,
                          bind_source, NULL);
  save_errno = errno;
  if (tlsfo_transport_get_report (ssl_session_to_connect, &report) == 0)
    print_attempts (&report, host, port);
  if (sock < 0)
    {
      gnutls_deinit (ssl_session_to_connect);
      ssl_session_to_connect = NULL;
    }
  errno = save_errno;
  return sock;
}
""")
    connect.before(r"\n  address_list_get_bounds", """
  if (ssl_session_to_connect)
    {
      sock = connect_session_to_host (al, host, port);
      if (sock >= 0)
        address_list_set_connected (al);
      address_list_release (al);
      return sock;
    }
""", within="connect_to_host")

    http = source("src/http.c")
    http.before(r"\n      sock = connect_to_host \(", """
#ifdef HAVE_SSL
      if (conn->scheme == SCHEME_HTTPS && !proxy && !ssl_connect_wget (-1, u->host, NULL))
        return CONSSLERR;
#endif""", within="establish_connection")


main(two_lines, tlsfo)
