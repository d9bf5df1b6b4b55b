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

/* The name that all connections of this program verify from now on in place of the host's, until the next
 * configuration is made. */
void client_verify_as(const char *servername);

/* A connection with first data, of which there may be none: begun, and opened. @ret_conn is set also where that failed,
 * unless there is no connection to ask. */
int client_begin(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn);
int client_open(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn);

/* The same without first data. */
int client_reach(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn);

/* Asks for cookies. Returns how many addresses have one now, or a code. */
int client_prime(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn);

/* client_reach() with a port as a number and a generous deadline. */
int client_connect(
	struct tlsfo_config *config, const char *host, uint16_t port, struct tlsfo_conn **ret_conn);

/* The same, and it has to succeed. */
struct tlsfo_conn *client_connect_well(
	struct tlsfo_config *config, const char *host, uint16_t port);

/* client_open() in the same way. */
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

/* The tests' client key under the password "word", to be given back by gnutls_free(). */
gnutls_datum_t client_encrypted_key(void);

struct tlsfo_report client_report(struct tlsfo_conn *conn);

#endif
