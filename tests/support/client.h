/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_CLIENT_H
#define SUPPORT_CLIENT_H

/* What a program does at the client rung. Everything that is not the fact of a test has to
 * succeed. */

#include <stdint.h>

#include <tlsfo/tlsfo.h>

#include "support/way.h"

/* How long a test waits for something that is to happen. */
#define CLIENT_PATIENCE_MS 30000

/* A configuration that trusts the tests' CA, with the TLS version of @way. */
struct tlsfo_config *client_config(const struct way *way);

/* The same with all defaults. */
struct tlsfo_config *client_config_default(void);

/* tlsfo_connect() with a port as a number and a generous deadline. */
int client_connect(
	struct tlsfo_config *config, const char *host, uint16_t port, struct tlsfo_conn **ret_conn);

/* The same, and it has to succeed. */
struct tlsfo_conn *client_connect_well(
	struct tlsfo_config *config, const char *host, uint16_t port);

/* tlsfo_connect_first() in the same way. */
int client_connect_first(struct tlsfo_config *config, const char *host, uint16_t port,
	const void *data, size_t len, unsigned int flags, struct tlsfo_conn **ret_conn);

/* A whole visit to the server of support/early.h by its IPv4 or IPv6 address, with @data as first data
 * safe to be processed twice: connects, reads the answer, closes. All of it has to succeed. */
struct tlsfo_report client_request(
	struct tlsfo_config *config, int family, uint16_t port, const void *data, size_t len);

/* tlsfo_conn_close(), which has to succeed. */
void client_close(struct tlsfo_conn *conn);

/* The loopback address of a family in text. */
const char *client_loopback(int family);

/* The pin of a certificate of the tests (RFC 7469 §2.4), found in another way than the library finds it. */
#define CLIENT_PIN_SIZE 45
void client_pin(const char *certificate, char ret_pin[static CLIENT_PIN_SIZE]);

/* Writes and reads all of it. */
void client_send(struct tlsfo_conn *conn, const void *data, size_t len);
void client_receive(struct tlsfo_conn *conn, void *buf, size_t len);

/* Sends a line and gets it back from a server that echoes. */
void client_echo(struct tlsfo_conn *conn);

struct tlsfo_report client_report(struct tlsfo_conn *conn);

#endif
