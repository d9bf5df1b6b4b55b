/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <errno.h>
#include <sys/socket.h>

#include "packet.h"

/* ------------------------------------------------------------------------ what the wire says -- */

void path_expect_syns(const struct path *path, size_t syns, size_t connections)
{
	assert_int_equal(lab_trace_syns(path->lab), syns);
	assert_int_equal(lab_trace_connections(path->lab), connections);
}

static enum path_option option_of(const struct lab_packet *packet)
{
	if (packet->fastopen_kind == 0)
		return PATH_NO_OPTION;
	return packet->cookie_length == 0 ? PATH_COOKIE_ASKED : PATH_COOKIE;
}

struct lab_packet path_expect_syn(
	const struct path *path, size_t i, enum path_option option, const char *dropped_by)
{
	struct lab_packet syn = {0};

	assert_int_equal(lab_trace_syn(path->lab, i, &syn), 0);
	assert_int_equal(option_of(&syn), option);
	assert_int_equal(syn.ip_version == 4 ? AF_INET : AF_INET6, path->way.family);
	if (dropped_by == NULL) {
		assert_int_equal(syn.fate, LAB_ARRIVED);
	} else {
		assert_int_equal(syn.fate, LAB_DROPPED);
		assert_string_equal(syn.dropped_by, dropped_by);
	}
	return syn;
}

void path_expect_bare_syn(
	const struct path *path, size_t i, enum path_option option, const char *dropped_by)
{
	assert_int_equal(path_expect_syn(path, i, option, dropped_by).payload_length, 0);
}

size_t path_hello_length(const struct path *path, int connection)
{
	struct lab_record record = {0};

	assert_true(lab_trace_records(path->lab, connection, LAB_CLIENT, &record, 1) >= 1);
	assert_string_equal(record.name, "ClientHello");
	assert_int_equal(record.offset, 0);
	return record.length;
}

size_t path_expect_hello_syn(const struct path *path, size_t i, const char *dropped_by)
{
	struct lab_packet syn = path_expect_syn(path, i, PATH_COOKIE, dropped_by);

	assert_int_equal(syn.payload_length, path_hello_length(path, syn.connection));
	return syn.payload_length;
}

struct lab_packet path_syn_ack(const struct path *path, size_t n)
{
	const uint8_t flags = PACKET_SYN | PACKET_ACK;
	struct lab_packet packet;

	for (size_t i = 0; lab_trace_packet(path->lab, i, &packet) == 0; i++) {
		if (packet.from == LAB_SERVER && (packet.flags & flags) == flags && n-- == 0)
			return packet;
	}
	fail_msg("there was no such SYN-ACK");
	return (struct lab_packet){0};
}

void path_expect_first_byte(const struct path *path, double round_trips)
{
	struct lab_moment moment;

	assert_int_equal(lab_trace_first_server_byte(path->lab, 0, &moment), 0);
	if (moment.round_trips < round_trips || moment.round_trips >= round_trips + 1)
		fail_msg("the first byte came after %.2f round trips, not %.0f", moment.round_trips,
			round_trips);
}

static void note_late(struct path *path, const char *what, double was, double may_be)
{
	if (path->late[0] == '\0')
		snprintf(path->late, sizeof(path->late), "%s after %.1f ms, not %.1f", what, was,
			may_be);
}

void path_expect_in_time(struct path *path, int connection, double delay_ms, double round_trips)
{
	double limit_ms = delay_ms + round_trips * PATH_RTT_MS;
	struct lab_moment moment;

	assert_int_equal(lab_trace_first_server_byte(path->lab, LAB_ALL, &moment), 0);
	assert_int_equal(moment.connection, connection);
	double ms = (double)moment.ns / 1e6;
	if (ms > limit_ms)
		note_late(path, "the first byte came", ms, limit_ms);
}

void path_expect_pause(struct path *path, size_t first, size_t second, double ms)
{
	/* The wire notices a packet a little later than it was sent. */
	const double slack_ms = 2;
	struct lab_packet a = {0};
	struct lab_packet b = {0};

	assert_int_equal(lab_trace_syn(path->lab, first, &a), 0);
	assert_int_equal(lab_trace_syn(path->lab, second, &b), 0);
	double pause_ms = ((double)b.sent_ns - (double)a.sent_ns) / 1e6;
	if (pause_ms < ms - slack_ms)
		note_late(path, "the first of two SYNs came late, the second", pause_ms, ms);
}

/* Index of the client's first packet on a connection that has one of the flags, or data when there are none. */
static size_t find_packet(const struct path *path, int connection, uint8_t flags)
{
	struct lab_packet packet;

	for (size_t i = 0; lab_trace_packet(path->lab, i, &packet) == 0; i++) {
		if (packet.from != LAB_CLIENT || packet.connection != connection)
			continue;
		if (flags == 0 ? packet.payload_length > 0 : (packet.flags & flags) != 0)
			return i;
	}
	fail_msg("connection %d has no such packet", connection);
	return 0;
}

void path_expect_loser_closed(const struct path *path, int loser, int winner)
{
	assert_true(
		find_packet(path, loser, PACKET_FIN | PACKET_RST) < find_packet(path, winner, 0));
}

/* --------------------------------------------------------- what kernel and report say of it -- */

void path_expect_kernel(const struct path *path, bool syn_data, enum kernel_fail fail)
{
	struct kernel_facts kernel = kernel_facts(path_fd(path));

	assert_true(kernel.established);
	assert_int_equal(kernel.syn_data, syn_data);
	assert_int_equal(kernel.fail, fail);
}

void path_expect_report(struct path *path, enum tlsfo_fast_open fast_open, enum tlsfo_reason reason,
	size_t syn_bytes, size_t flight_bytes)
{
	struct tlsfo_report report = path_report(path);
	bool gnutls = path->way.engine == TLSFO_TRANSPORT_GNUTLS;

	/* GnuTLS's engine does not show a flight, or the rest of one, that waits for the
	 * connection: a figure may be unknown then, never wrong. */
	bool waits = gnutls && syn_bytes < flight_bytes;
	/* When nothing connected, neither does it show whether its SYN asked for a cookie. */
	bool untold = waits && reason == TLSFO_REASON_NOT_CONNECTED &&
		      report.fast_open == TLSFO_FAST_OPEN_UNKNOWN;
	if (!untold)
		assert_string_equal(
			tlsfo_fast_open_name(report.fast_open), tlsfo_fast_open_name(fast_open));
	assert_string_equal(tlsfo_reason_text(report.reason), tlsfo_reason_text(reason));
	if (!waits || (syn_bytes == 0 && !untold) || report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, syn_bytes);
	if (!waits || report.flight_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.flight_bytes, flight_bytes);
	assert_int_equal(report.engine, gnutls ? TLSFO_ENGINE_GNUTLS : TLSFO_ENGINE_SOCKET);
	assert_int_equal(report.port, PATH_PORT);
	assert_int_equal(report.family, path->way.family);
	assert_string_equal(report.address, path_address(path));
	assert_true(report.attempt_count >= 1);
}

const char *path_address(const struct path *path)
{
	return path->way.family == AF_INET ? LAB_SERVER_IPV4 : LAB_SERVER_IPV6;
}

void path_expect_attempts(struct path *path, const struct path_attempt *attempts, size_t count)
{
	struct tlsfo_report report = path_report(path);

	assert_int_equal(report.attempt_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct tlsfo_attempt *got = &report.attempts[i];

		assert_string_equal(got->address, attempts[i].address);
		assert_int_equal(got->mode, attempts[i].mode);
		assert_int_equal(got->result, attempts[i].result);
		assert_int_equal(got->error, attempts[i].error);
		assert_true(got->start_us >= 0);
		assert_true(i == 0 || got->start_us >= report.attempts[i - 1].start_us);
		if (got->result == TLSFO_ATTEMPT_WON)
			assert_string_equal(got->address, report.address);
	}
}

void path_expect_deadline(struct path *path)
{
	if (path->ret != GNUTLS_E_TIMEDOUT)
		fail_msg("ended with %d, %s", path->ret, tlsfo_strerror(path->ret));
	assert_true(path->took_ms >= path->limit_ms - 1);
	assert_true(path->took_ms < PATH_PATIENCE_MS);
	/* What connects has no say in the handshake. */
	if (!path->client && path_error(path)[0] == '\0')
		return;
	struct tlsfo_report report = path_report(path);
	assert_int_equal(report.error, GNUTLS_E_TIMEDOUT);
	assert_non_null(strstr(report.error_text, "deadline"));
	assert_string_equal(report.error_text, path_error(path));
}

void path_expect_refusal(struct path *path, int error)
{
	struct tlsfo_report report = path_report(path);
	const char *address = path_address(path);

	assert_true(path->took_ms < path->limit_ms / 2);
	assert_int_equal(report.system_error, error);
	assert_int_equal(report.connected, 0);
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[0].error, error);
	assert_string_equal(report.attempts[0].address, address);
	assert_non_null(strstr(report.error_text, address));
	assert_non_null(strstr(report.error_text, strerror(error)));
	if (!path->client && !path->connects) {
		assert_int_equal(report.error, TLSFO_E_SYSTEM);
		assert_true(path->ret == GNUTLS_E_PUSH_ERROR || path->ret == GNUTLS_E_PULL_ERROR);
		return;
	}
	assert_int_equal(path->ret, TLSFO_E_NOT_CONNECTED);
	assert_int_equal(report.error, TLSFO_E_NOT_CONNECTED);
	assert_string_equal(report.error_text, path_error(path));
	assert_int_equal(path_fd(path), -1);
}
