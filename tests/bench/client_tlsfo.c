/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fetches a page with the library: [--store DIRECTORY] [--early-data] CA-FILE HOST PORT. Without a
 * store no ticket outlives the process.
 */

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <tlsfo/tlsfo.h>

struct options {
	const char *store;
	bool early_data;
	const char *ca;
	const char *host;
	const char *port;
};

static bool read_options(int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {
		{"store", required_argument, NULL, 's'},
		{"early-data", no_argument, NULL, 'e'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		if (option == 's')
			ret_options->store = optarg;
		else if (option == 'e')
			ret_options->early_data = true;
		else
			return false;
	}
	if (argc - optind != 3)
		return false;
	ret_options->ca = argv[optind];
	ret_options->host = argv[optind + 1];
	ret_options->port = argv[optind + 2];
	return true;
}

static int set_store(struct tlsfo_config *config, const char *path)
{
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(path, NULL, 0, &store);

	if (ret == 0)
		ret = tlsfo_config_set_store(config, store);
	tlsfo_store_free(store);
	return ret;
}

static ssize_t fetch(
	struct tlsfo_config *config, const struct options *options, struct tlsfo_conn **ret_conn)
{
	unsigned int flags = options->early_data ? TLSFO_FIRST_DATA_REPLAYABLE : 0;
	char buf[16384];
	int length = snprintf(buf, sizeof(buf),
		"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", options->host);
	ssize_t ret = tlsfo_conn_new(config, options->host, options->port, ret_conn);

	if (ret == 0)
		ret = tlsfo_conn_set_first_data(*ret_conn, buf, (size_t)length, flags, NULL);
	if (ret == 0)
		ret = tlsfo_conn_open(*ret_conn, TLSFO_NEVER);
	if (ret == 0)
		ret = 1;
	while (ret > 0)
		ret = tlsfo_conn_read(*ret_conn, buf, sizeof(buf), TLSFO_NEVER);
	return ret;
}

int main(int argc, char **argv)
{
	struct options options = {.store = NULL};
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	ssize_t ret;

	if (!read_options(argc, argv, &options) || tlsfo_config_new(&config) < 0)
		return 2;
	ret = tlsfo_config_set_ca_file(config, options.ca);
	if (ret == 0 && options.store != NULL)
		ret = set_store(config, options.store);
	if (ret == 0)
		ret = fetch(config, &options, &conn);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", tlsfo_strerror((int)ret),
			conn ? tlsfo_conn_error(conn) : "");
	tlsfo_conn_close(conn, tlsfo_deadline_in(1000));
	tlsfo_config_free(config);
	return ret < 0;
}
