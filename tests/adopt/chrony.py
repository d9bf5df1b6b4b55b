# SPDX-License-Identifier: LGPL-2.1-or-later
#
# chronyd, as a client of NTS-KE: nts_ke_client.c has a socket connected, without waiting, and hands it to
# nts_ke_session.c, whose first state waits for the connection in chronyd's event loop. Here that state is an opening,
# with its descriptor and its deadline in the loop. Its one address may so be tried plainly beside fast open, and the
# path memory is asked.
from edit import FASTOPEN_CONNECT, main


def two_lines(source):
    socket = source("socket.c")
    socket.include("netinet/tcp.h")
    socket.before(r"\n[^\n]*/\* Connect the socket", """
  if (type == SOCK_STREAM && remote_addr) {
""" + FASTOPEN_CONNECT.lstrip("\n") % {"fd": "sock_fd"} + """  }
""", within="open_ip_socket")


def tlsfo(source):
    source("socket.h").before(r"\n#endif\s*\Z", """
/* Prepare a TCP socket as SCK_OpenTcpSocket() does, without connecting it */
extern int SCK_PrepareTcpSocket(int sock_fd, int family, IPSockAddr *local_addr, const char *iface);
""")
    socket = source("socket.c")
    socket.before(r"\nint\nSCK_OpenTcpSocket", """
int
SCK_PrepareTcpSocket(int sock_fd, int family, IPSockAddr *local_addr, const char *iface)
{
  if (!set_ip_options(sock_fd, family == AF_INET6 ? IPADDR_INET6 : IPADDR_INET4, 0) ||
      (iface && !bind_device(sock_fd, iface)))
    return 0;

  return local_addr->ip_addr.family == IPADDR_UNSPEC || is_any_address(&local_addr->ip_addr) ||
         bind_ip_address(sock_fd, local_addr, 0);
}
""")

    header = source("nts_ke_session.h")
    header.after(r'#include "siv.h"', '\n#include "addressing.h"')
    header.before(r"\n/\* Begin an NTS-KE message", """
/* Start a new client session, which connects itself */
extern int NKSN_ConnectSession(NKSN_Instance inst, IPSockAddr *address, IPSockAddr *local_addr,
                               const char *iface, const char *label, NKSN_Credentials credentials,
                               double timeout);
""")
    session = source("nts_ke_session.c")
    session.include("poll.h", "tlsfo/tlsfo.h")
    session.after(r"\n  gnutls_session_t tls_session;", """
  struct tlsfo_opening *opening;
  IPSockAddr local_addr;
  const char *iface;
  int wait_fd;
  SCH_TimeoutID due_id;""")
    session.after(r"\n  inst->sock_fd = INVALID_SOCK_FD;", """
  inst->opening = NULL;
  inst->wait_fd = INVALID_SOCK_FD;
  inst->due_id = 0;""", within="NKSN_CreateInstance")
    session.replace(r"(\n  )(gnutls_transport_set_int\()", r"\1if (sock_fd >= 0)\1  \2", within="create_tls_session")
    session.before_function("stop_session", """
static void
stop_waiting(NKSN_Instance inst)
{
  if (inst->wait_fd >= 0)
    SCH_RemoveFileHandler(inst->wait_fd);
  inst->wait_fd = INVALID_SOCK_FD;

  SCH_RemoveTimeout(inst->due_id);
  inst->due_id = 0;
}

/* ================================================== */
""")
    # The path memory is told at gnutls_deinit(), so the socket is closed after it.
    session.replace(r"(\n  SCH_RemoveFileHandler\(inst->sock_fd\);)(\n  SCK_CloseSocket\(inst->sock_fd\);"
                    r"\n  inst->sock_fd = INVALID_SOCK_FD;)(.*?)(\n  gnutls_deinit\(inst->tls_session\);)",
                    r"""
  stop_waiting(inst);
  tlsfo_opening_free(inst->opening);
  inst->opening = NULL;
\4
  if (inst->sock_fd >= 0) {\1\2
  }\3""", within="stop_session")
    session.before(r"\nint\nNKSN_StartSession", """
static void advance_opening(NKSN_Instance inst);

static void
opening_event(int fd, int event, void *arg)
{
  advance_opening(arg);
}

static void
opening_due(void *arg)
{
  NKSN_Instance inst = arg;

  inst->due_id = 0;
  advance_opening(inst);
}

/* ================================================== */

static void
advance_opening(NKSN_Instance inst)
{
  struct tlsfo_report report = TLSFO_REPORT_INIT;
  int64_t due;
  int r, fd, events;

  stop_waiting(inst);
  r = tlsfo_opening_advance(inst->opening, &fd);

  if (r == GNUTLS_E_AGAIN) {
    events = tlsfo_opening_events(inst->opening);
    due = tlsfo_opening_deadline(inst->opening);
    fd = tlsfo_opening_fd(inst->opening);
    if (fd >= 0 && events != 0) {
      inst->wait_fd = fd;
      SCH_AddFileHandler(fd, (events & POLLIN ? SCH_FILE_INPUT : 0) |
                             (events & POLLOUT ? SCH_FILE_OUTPUT : 0), opening_event, inst);
    }
    if (due != TLSFO_NEVER)
      inst->due_id = SCH_AddTimeoutByDelay(MAX(due - tlsfo_now(), 0) / 1.0e3, opening_due, inst);
    return;
  }

  tlsfo_opening_free(inst->opening);
  inst->opening = NULL;

  if (r < 0) {
    if (tlsfo_transport_get_report(inst->tls_session, &report) != 0 || report.system_error == 0)
      report.system_error = EINVAL;
    LOG(LOGS_ERR, "Could not connect to %s : %s", inst->label, strerror(report.system_error));
    stop_session(inst);
    return;
  }

  DEBUG_LOG("Connected to %s", inst->label);

  inst->sock_fd = fd;
  SCH_AddFileHandler(fd, SCH_FILE_INPUT, read_write_socket, inst);
  change_state(inst, KE_HANDSHAKE);
}

/* ================================================== */

static int
prepare_socket(int fd, int family, void *arg)
{
  NKSN_Instance inst = arg;

  return SCK_PrepareTcpSocket(fd, family, &inst->local_addr, inst->iface) ? 0 : EADDRNOTAVAIL;
}

/* ================================================== */

int
NKSN_ConnectSession(NKSN_Instance inst, IPSockAddr *address, IPSockAddr *local_addr, const char *iface,
                    const char *label, NKSN_Credentials credentials, double timeout)
{
  struct tlsfo_store *store = NULL;
  struct sockaddr_storage saddr;
  int r, len;

  assert(inst->state == KE_STOPPED && !inst->server);

  inst->tls_session = create_tls_session(0, INVALID_SOCK_FD, inst->server_name,
                                         (gnutls_certificate_credentials_t)credentials,
                                         priority_cache);
  if (!inst->tls_session)
    return 0;

  inst->local_addr = *local_addr;
  inst->iface = iface;
  len = SCK_IPSockAddrToSockaddr(address, (struct sockaddr *)&saddr, sizeof (saddr));
  r = tlsfo_opening_new(inst->tls_session, &inst->opening);
  if (r == 0)
    r = tlsfo_opening_add(inst->opening, (struct sockaddr *)&saddr, len);
  if (r == 0 && getenv("TLSFO_STORE") && tlsfo_store_open(getenv("TLSFO_STORE"), NULL, 0, &store) == 0)
    r = tlsfo_opening_set_store(inst->opening, store, inst->server_name);
  tlsfo_store_free(store);
  if (r == 0)
    r = tlsfo_opening_set_socket_hook(inst->opening, prepare_socket, inst);
  if (r != 0) {
    LOG(LOGS_ERR, "Could not %s TLS session : %s", "connect", tlsfo_strerror(r));
    tlsfo_opening_free(inst->opening);
    inst->opening = NULL;
    gnutls_deinit(inst->tls_session);
    inst->tls_session = NULL;
    return 0;
  }

  inst->label = Strdup(label);
  inst->timeout_id = SCH_AddTimeoutByDelay(timeout, session_timeout, inst);
  inst->retry_factor = NKE_RETRY_FACTOR2_CONNECT;
  inst->state = KE_WAIT_CONNECT;

  reset_message(&inst->message);
  inst->new_message = 0;

  inst->due_id = SCH_AddTimeoutByDelay(0.0, opening_due, inst);

  return 1;
}

/* ================================================== */
""")

    client = source("nts_ke_client.c")
    client.replace(r"\n  sock_fd = SCK_OpenTcpSocket\(.*?(/\* Start an NTS-KE session \*/)\n.*?\n  \}\n", r"""
  \1
  if (!NKSN_ConnectSession(inst->session, &inst->address, &local_addr, iface, label, inst->credentials,
                           CLIENT_TIMEOUT))
    return 0;
""", within="NKC_Start")
    client.replace(r"\n  int sock_fd;", "", within="NKC_Start")


main(two_lines, tlsfo)
