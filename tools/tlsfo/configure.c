/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "configure.h"

#include "failure.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <tlsfo/tlsfo.h>

/* A failure that was told already. */
#define TOLD 1

/* Takes the first line of a file for the key's password. Returns 0, a code, or TOLD. */
static int configure_password(struct tlsfo_config *config, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int ret = TOLD;

	errno = file ? ENODATA : errno;
	if (file && getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		ret = tlsfo_config_set_key_password(config, line);
		explicit_bzero(line, size);
	} else {
		complain("--key-password: %s: %s", path,
			errno == ENODATA ? "the file is empty" : strerror(errno));
	}
	free(line);
	if (file)
		(void)fclose(file);
	return ret;
}

/* Hands the options to the configuration, as far as they were given. Returns 0 or a code, and the
 * option that it is about. */
static int configure_trust(
	struct tlsfo_config *config, const struct connect_options *options, const char **ret_option)
{
	int ret = 0;

	*ret_option = "--cafile";
	if (options->cafile && (ret = tlsfo_config_set_ca_file(config, options->cafile)) < 0)
		return ret;
	*ret_option = "--key-password";
	if (options->key_password && (ret = configure_password(config, options->key_password)) != 0)
		return ret;
	*ret_option = "--cert, --key";
	if (options->cert &&
		(ret = tlsfo_config_set_client_cert_file(config, options->cert, options->key)) < 0)
		return ret;
	*ret_option = "--pin";
	for (size_t i = 0; i < options->pin_count; i++)
		if ((ret = tlsfo_config_add_pin(config, options->pins[i])) < 0)
			return ret;
	*ret_option = "--insecure";
	if (options->insecure && (ret = tlsfo_config_insecure_noverify(config)) < 0)
		return ret;
	return 0;
}

static int configure_rest(
	struct tlsfo_config *config, const struct connect_options *options, const char **ret_option)
{
	int ret = 0;

	*ret_option = "--alpn";
	if (options->alpn_count > 0 &&
		(ret = tlsfo_config_set_alpn(config, options->alpn, options->alpn_count)) < 0)
		return ret;
	*ret_option = "--priority";
	if (options->priority && (ret = tlsfo_config_set_priority(config, options->priority)) < 0)
		return ret;
	*ret_option = "--bind";
	if (options->bind && (ret = tlsfo_config_set_local_address(config, options->bind)) < 0)
		return ret;
	*ret_option = options->family == AF_INET ? "-4" : "-6";
	if ((ret = tlsfo_config_set_family(config, options->family)) < 0)
		return ret;
	*ret_option = "--private";
	if (options->is_private)
		return tlsfo_config_set_private(config);
	*ret_option = "--fast-open";
	return tlsfo_config_set_fast_open(config, options->fast_open);
}

static int configure_tickets(struct tlsfo_config *config, enum tlsfo_ticket_use use,
	struct tlsfo_store *store, const char **ret_option)
{
	int ret = 0;

	*ret_option = "--store";
	if ((ret = tlsfo_config_set_store(config, store)) < 0)
		return ret;
	return tlsfo_config_set_ticket_use(config, use);
}

/* Only a connection has a server name, and tells what is wrong with it. */
static bool is_servername(const char *name)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	int ret = tlsfo_config_new(&config);

	if (ret == 0)
		ret = tlsfo_conn_new(config, "--servername", NULL, &conn);
	if (ret == 0)
		ret = tlsfo_conn_set_servername(conn, name);
	if (ret < 0)
		complain("%s", conn ? tlsfo_conn_error(conn) : tlsfo_strerror(ret));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	return ret == 0;
}

int make_conn(struct tlsfo_config *config, const struct connect_options *options, const char *port,
	struct tlsfo_conn **ret_conn)
{
	int ret = tlsfo_conn_new(config, options->host, port, ret_conn);

	if (ret == 0 && options->servername)
		ret = tlsfo_conn_set_servername(*ret_conn, options->servername);
	return ret;
}

enum command_status configure(const struct connect_options *options, enum tlsfo_ticket_use use,
	struct tlsfo_store *store, struct tlsfo_config **ret_config)
{
	struct tlsfo_config *config = NULL;
	const char *option = "";
	const char *text = NULL;
	int ret = 0;

	if (options->servername && !is_servername(options->servername))
		return STATUS_USAGE;
	ret = tlsfo_config_new(&config);
	if (ret == 0)
		ret = configure_trust(config, options, &option);
	if (ret == 0)
		ret = configure_rest(config, options, &option);
	if (ret == 0)
		ret = configure_tickets(config, use, store, &option);
	if (ret == 0) {
		*ret_config = config;
		return STATUS_DONE;
	}
	text = config ? tlsfo_config_error(config) : "";
	if (ret != TOLD)
		complain("%s%s%s", option, option[0] ? ": " : "",
			text[0] ? text : tlsfo_strerror(ret));
	tlsfo_config_free(config);
	return ret != TOLD ? status_of(ret) : STATUS_USAGE;
}
