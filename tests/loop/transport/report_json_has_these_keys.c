/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The JSON form of a report is what it was promised to be: these keys, these types, null for what
 * is unknown, and nothing else. Parsed by jansson, which knows nothing of tlsfo.
 */

#include <unistd.h>

#include <jansson.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* What a value may be. */
enum { STRING = 1, INTEGER = 2, REAL = 4, BOOL = 8, OBJECT = 16, ARRAY = 32, NOTHING = 64 };

struct key {
	const char *name;
	unsigned int types;
};

static const struct key report_keys[] = {
	{"version", INTEGER},
	{"host", STRING | NOTHING},
	{"port", INTEGER | NOTHING},
	{"address", STRING | NOTHING},
	{"family", STRING | NOTHING},
	{"engine", STRING},
	{"fast_open", STRING | NOTHING},
	{"fast_open_reason", STRING | NOTHING},
	{"flight_bytes", INTEGER | NOTHING},
	{"syn_bytes", INTEGER | NOTHING},
	{"flight_in_syn", BOOL | NOTHING},
	{"early_data", STRING | NOTHING},
	{"early_data_reason", STRING | NOTHING},
	{"early_data_bytes", INTEGER | NOTHING},
	{"hello_retried", BOOL | NOTHING},
	{"reconnected", STRING | NOTHING},
	{"resumed", BOOL | NOTHING},
	{"tickets_left", INTEGER | NOTHING},
	{"verified", BOOL},
	{"client_certificate", STRING | NOTHING},
	{"tls", OBJECT},
	{"attempts", ARRAY},
	{"ms", OBJECT},
	{"rtt_ms", REAL | NOTHING},
	{"error", STRING | NOTHING},
};

static const struct key tls_keys[] = {
	{"version", STRING | NOTHING},
	{"cipher", STRING | NOTHING},
	{"group", STRING | NOTHING},
	{"alpn", STRING | NOTHING},
};

static const struct key ms_keys[] = {
	{"resolved", REAL | NOTHING},
	{"first_sent", REAL | NOTHING},
	{"connected", REAL | NOTHING},
	{"first_byte", REAL | NOTHING},
	{"handshake", REAL | NOTHING},
};

static const struct key attempt_keys[] = {
	{"address", STRING},
	{"mode", STRING},
	{"result", STRING},
	{"errno", INTEGER},
	{"start_ms", REAL | NOTHING},
	{"connected_ms", REAL | NOTHING},
	{"cookie", BOOL | NOTHING},
};

static unsigned int type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return STRING;
	case JSON_INTEGER:
		return INTEGER;
	case JSON_REAL:
		return REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return BOOL;
	case JSON_OBJECT:
		return OBJECT;
	case JSON_ARRAY:
		return ARRAY;
	case JSON_NULL:
	default:
		return NOTHING;
	}
}

static void check_keys(const json_t *object, const struct key *keys, size_t count)
{
	assert_true(json_is_object(object));
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_object_get(object, keys[i].name);

		if (value == NULL)
			fail_msg("the key \"%s\" is missing", keys[i].name);
		if ((type_of(value) & keys[i].types) == 0)
			fail_msg("\"%s\" has the wrong type", keys[i].name);
	}
	assert_int_equal(json_object_size(object), count);
}

static json_t *parse_report(struct visit *visit)
{
	struct tlsfo_report report = visit_report(visit);
	char text[4096];
	json_error_t error;
	int len = tlsfo_report_json(&report, text, sizeof(text));

	assert_true(len > 0 && (size_t)len < sizeof(text));
	assert_int_equal(strlen(text), len);
	assert_null(strchr(text, '\n'));
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		fail_msg("%s in %s", error.text, text);
	check_keys(root, report_keys, suite_length(report_keys));
	check_keys(json_object_get(root, "tls"), tls_keys, suite_length(tls_keys));
	check_keys(json_object_get(root, "ms"), ms_keys, suite_length(ms_keys));
	const json_t *attempts = json_object_get(root, "attempts");
	for (size_t i = 0; i < json_array_size(attempts); i++)
		check_keys(json_array_get(attempts, i), attempt_keys, suite_length(attempt_keys));
	return root;
}

static const char *string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value == NULL ? "(null)" : value;
}

static void check_acknowledged(struct visit *visit, const struct way *way)
{
	json_t *root = parse_report(visit);
	const json_t *tls = json_object_get(root, "tls");
	const json_t *attempt = json_array_get(json_object_get(root, "attempts"), 0);

	assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
	assert_true(json_is_null(json_object_get(root, "host")));
	assert_int_equal(json_integer_value(json_object_get(root, "port")), visit->port);
	assert_string_equal(string(root, "address"), way->family == AF_INET ? "127.0.0.1" : "::1");
	assert_string_equal(string(root, "family"), way->family == AF_INET ? "IPv4" : "IPv6");
	assert_string_equal(string(root, "engine"),
		way->engine == TLSFO_TRANSPORT_SOCKET ? "socket" : "gnutls");
	assert_string_equal(string(root, "fast_open"), "acknowledged");
	assert_string_equal(string(root, "early_data"), "none");
	assert_true(json_is_null(json_object_get(root, "reconnected")));
	/* Unknown only where syn_bytes is. */
	assert_true(json_is_true(json_object_get(root, "flight_in_syn")) ||
		    json_is_null(json_object_get(root, "syn_bytes")));
	assert_true(json_is_false(json_object_get(root, "resumed")));
	assert_true(json_is_false(json_object_get(root, "verified")));
	assert_true(json_is_null(json_object_get(root, "error")));
	assert_true(json_integer_value(json_object_get(root, "flight_bytes")) > 0);
	assert_string_equal(string(tls, "version"),
		strcmp(way->priority, WAY_TLS12) == 0 ? "TLS1.2" : "TLS1.3");
	assert_true(json_is_string(json_object_get(tls, "cipher")));
	assert_true(json_is_string(json_object_get(tls, "group")));
	assert_true(json_is_null(json_object_get(tls, "alpn")));
	assert_string_equal(string(attempt, "mode"), "fast-open");
	assert_string_equal(string(attempt, "result"), "won");
	assert_int_equal(json_integer_value(json_object_get(attempt, "errno")), 0);
	json_decref(root);
}

/* The socket is closed, and with it goes what the kernel knew. */
static void check_closed(struct visit *visit)
{
	close(visit->fd);
	json_t *root = parse_report(visit);
	assert_true(json_is_null(json_object_get(root, "fast_open")));
	assert_true(json_is_null(json_object_get(root, "rtt_ms")));
	json_decref(root);
	gnutls_deinit(visit->session);
	gnutls_certificate_free_credentials(visit->credentials);
}

static void check_unused(const struct way *way)
{
	struct visit visit;

	visit_open(&visit, way, 443);
	json_t *root = parse_report(&visit);
	assert_int_equal(json_array_size(json_object_get(root, "attempts")), 0);
	assert_true(json_is_null(json_object_get(root, "flight_bytes")));
	assert_string_equal(string(root, "fast_open"), "off");
	assert_true(json_is_null(json_object_get(root, "resumed")));
	json_decref(root);
	visit_close(&visit);
}

static void check_failed(const struct way *way)
{
	struct visit visit;

	visit_open(&visit, way, net_unused_port(way->family));
	assert_true(visit_handshake(&visit) < 0);
	json_t *root = parse_report(&visit);
	const json_t *attempt = json_array_get(json_object_get(root, "attempts"), 0);
	assert_string_equal(string(attempt, "result"), "failed");
	assert_true(json_integer_value(json_object_get(attempt, "errno")) > 0);
	assert_true(json_is_string(json_object_get(root, "error")));
	json_decref(root);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	check_unused(way);
	check_failed(way);
	kernel_fetch_cookie(way->family);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	check_acknowledged(&visit, way);
	check_closed(&visit);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("the report's JSON has these keys", test, WAY_ALL);
}
