/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "relay.h"

#include "buffer.h"
#include "command.h"
#include "stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

/* A server that sends nothing for so long after the end of input may be waiting for that end. */
#define SILENCE_MS 3000

struct relay {
	struct tlsfo_conn *conn;
	const struct relay_terms *terms;
	struct stream input;
	struct stream output;
	struct buffer up;
	struct buffer down;

	bool input_begun; /* there was a byte of it at least */
	bool input_ended;
	bool half_close;     /* close_notify is still to be sent after the last of the input */
	bool silence_counts; /* nothing tells the server the end, and nothing was said of it yet */
	int send_error;	     /* why sending ended, or 0 */

	bool unread; /* there may be data that is decrypted already, which poll does not see */
	bool answered;
	bool server_ended;
	int server_error; /* why receiving ended; 0 after close_notify */

	int64_t last_move;
};

/* Which of the descriptors poll(2) reported. */
struct ready {
	bool input;
	bool output;
	bool output_gone;
	bool server;
};

static bool wants_input(const struct relay *relay)
{
	return !relay->input_ended && !relay->server_ended && !buffer_is_full(&relay->up);
}

static bool wants_to_receive(const struct relay *relay)
{
	return !relay->server_ended && !buffer_is_full(&relay->down);
}

static bool wants_to_send(const struct relay *relay)
{
	if (relay->send_error != 0 || relay->server_ended)
		return false;
	return buffer_length(&relay->up) > 0 || (relay->input_ended && relay->half_close) ||
	       (tlsfo_conn_events(relay->conn) & POLLOUT);
}

static int64_t idle_at(const struct relay *relay)
{
	int64_t ms = relay->terms->idle_timeout_ms;

	return ms < 0 ? INT64_MAX : relay->last_move + ms;
}

/* When the server is taken for silent. */
static int64_t silent_at(const struct relay *relay)
{
	bool waiting = relay->silence_counts && relay->input_ended &&
		       buffer_length(&relay->up) == 0 && buffer_length(&relay->down) == 0;

	return waiting ? relay->last_move + SILENCE_MS : INT64_MAX;
}

static int wait_ms(const struct relay *relay)
{
	int64_t idle = idle_at(relay);
	int64_t silent = silent_at(relay);
	int64_t due = idle < silent ? idle : silent;
	int64_t left = due - tlsfo_now();

	if (relay->unread && wants_to_receive(relay))
		return 0;
	if (due == INT64_MAX)
		return -1;
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/*
 * A descriptor that nothing is wanted of is left out, because POLLHUP and POLLERR cannot be
 * masked and would turn the loop without rest. Only standard output is always watched: when its
 * reader has gone, there is nothing left to be done.
 */
static struct ready wait_for_any(const struct relay *relay)
{
	short socket_events = (short)((wants_to_receive(relay) ? POLLIN : 0) |
				      (wants_to_send(relay) ? POLLOUT : 0));
	struct pollfd fds[] = {
		{.fd = wants_input(relay) ? relay->input.fd : -1, .events = POLLIN},
		{.fd = relay->output.fd, .events = buffer_length(&relay->down) > 0 ? POLLOUT : 0},
		{.fd = socket_events ? tlsfo_conn_fd(relay->conn) : -1, .events = socket_events},
	};

	/* After a failure, which can only be EINTR, all revents are still 0. */
	(void)poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(relay));
	return (struct ready){
		.input = fds[0].revents != 0,
		.output = (fds[1].revents & POLLOUT) != 0,
		.output_gone = (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0,
		.server = fds[2].revents != 0 || relay->unread,
	};
}

static void moved(struct relay *relay)
{
	relay->last_move = tlsfo_now();
}

/* From standard input. Returns 0 or an errno. */
static int take_input(struct relay *relay)
{
	size_t size = 0;
	void *room = buffer_room(&relay->up, &size);
	ssize_t count = stream_read(&relay->input, room, size);

	if (count == -EAGAIN)
		return 0;
	if (count < 0)
		return (int)-count;
	if (count == 0)
		relay->input_ended = true;
	else
		relay->input_begun = true;
	buffer_put(&relay->up, (size_t)count);
	moved(relay);
	return 0;
}

static void sending_failed(struct relay *relay, int error)
{
	relay->send_error = error;
	relay->input_ended = true;
	relay->unread = true; /* what the server said before is still to be had */
}

/* Input to the server; with none only what an earlier call left half sent. */
static void send_input(struct relay *relay)
{
	size_t length = buffer_length(&relay->up);
	ssize_t count = tlsfo_conn_write(relay->conn, buffer_first(&relay->up), length, TLSFO_NOW);

	if (count < 0 && gnutls_error_is_fatal((int)count))
		sending_failed(relay, (int)count);
	if (count > 0) {
		buffer_take(&relay->up, (size_t)count);
		moved(relay);
	}
}

static void send_close(struct relay *relay)
{
	int ret = tlsfo_conn_shutdown(relay->conn, TLSFO_NOW);

	if (ret < 0 && !gnutls_error_is_fatal(ret))
		return;
	relay->half_close = false;
	if (ret < 0)
		sending_failed(relay, ret);
}

/* To the server: the input, and close_notify after the last of it. */
static void send_up(struct relay *relay)
{
	bool closing = relay->input_ended && relay->half_close;

	if (buffer_length(&relay->up) > 0 || !closing)
		send_input(relay);
	if (closing && buffer_length(&relay->up) == 0 && relay->send_error == 0)
		send_close(relay);
}

static void server_ended(struct relay *relay, int error)
{
	relay->server_ended = true;
	relay->server_error = error;
}

static bool is_readable(int fd)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};

	return poll(&entry, 1, 0) == 1;
}

/* From the server, until it has no more to say or the buffer is full. */
static void receive(struct relay *relay)
{
	size_t size = 0;
	void *room = NULL;
	ssize_t count = 0;

	relay->unread = true;
	while (wants_to_receive(relay)) {
		room = buffer_room(&relay->down, &size);
		count = tlsfo_conn_read(relay->conn, room, size, TLSFO_NOW);
		if (count == GNUTLS_E_AGAIN)
			break;
		if (count == 0 || (count < 0 && gnutls_error_is_fatal((int)count)))
			server_ended(relay, (int)count);
		if (count > 0) {
			buffer_put(&relay->down, (size_t)count);
			relay->answered = true;
			moved(relay);
		}
	}
	if (count != GNUTLS_E_AGAIN)
		return;
	relay->unread = false;
	/* When sending has failed nothing more comes, but what came before is read to its end. A
	 * mere GNUTLS_E_AGAIN is not that end: GnuTLS says so after a session ticket too. */
	if (relay->send_error != 0 && !is_readable(tlsfo_conn_fd(relay->conn)))
		server_ended(relay, relay->send_error);
}

/* To standard output. Returns 0 or an errno. */
static int give_output(struct relay *relay)
{
	ssize_t count = stream_write(
		&relay->output, buffer_first(&relay->down), buffer_length(&relay->down));

	if (count == -EAGAIN)
		return 0;
	if (count < 0)
		return (int)-count;
	buffer_take(&relay->down, (size_t)count);
	moved(relay);
	return 0;
}

/* Is there input that the server has not taken, as far as can be seen without reading it? */
static bool input_is_left(const struct relay *relay)
{
	int waiting = 0;

	if (buffer_length(&relay->up) > 0)
		return true;
	if (relay->input_ended)
		return false;
	return ioctl(relay->input.fd, FIONREAD, &waiting) == 0 && waiting != 0;
}

static enum relay_end how_it_ended(const struct relay *relay, int *ret_error)
{
	bool input_stopped = false;

	if (relay->server_error == 0 && input_is_left(relay))
		return RELAY_INPUT_LEFT;
	if (relay->server_error == 0)
		return relay->input_begun && !relay->answered ? RELAY_NO_ANSWER : RELAY_DONE;
	/* What stopped the input tells more than what it led to; a close_notify that nobody wanted
	 * to have any more stopped nothing. */
	input_stopped = relay->send_error != 0 && buffer_length(&relay->up) > 0;
	*ret_error = input_stopped ? relay->send_error : relay->server_error;
	if (!input_stopped && relay->server_error == GNUTLS_E_PREMATURE_TERMINATION)
		return RELAY_TRUNCATED;
	return RELAY_FAILED;
}

/* Returns whether nobody has anything to say. */
static bool find_silence(struct relay *relay)
{
	if (tlsfo_now() < silent_at(relay))
		return false;
	if (!relay->input_begun && !relay->answered)
		return true;
	relay->silence_counts = false;
	complain("%s port %s: input has ended, and the server is silent: waiting for it to close. "
		 "If "
		 "it waits for the end of input, --half-close (-N) tells it; --idle-timeout limits "
		 "the waiting",
		relay->terms->host, relay->terms->port);
	return false;
}

static enum relay_end move_all(struct relay *relay, int *ret_error)
{
	/* A first read without poll(2): it may stay silent about a FIFO whose writers had gone
	 * before it was opened again. */
	struct ready ready = {.input = relay->input.way == STREAM_OWN, .server = true};

	for (;;) {
		if (ready.input && wants_input(relay) && (*ret_error = take_input(relay)) != 0)
			return RELAY_INPUT_FAILED;
		if (wants_to_send(relay))
			send_up(relay);
		if (ready.server)
			receive(relay);
		if (ready.output && (*ret_error = give_output(relay)) != 0)
			return RELAY_OUTPUT_FAILED;
		if (relay->server_ended && buffer_length(&relay->down) == 0)
			return how_it_ended(relay, ret_error);
		if (ready.output_gone) {
			*ret_error = EPIPE;
			return RELAY_OUTPUT_FAILED;
		}
		/* First what explains the silence: both times may have come while this process waited
		 * for the processor. */
		if (find_silence(relay))
			return RELAY_DONE;
		if (tlsfo_now() >= idle_at(relay))
			return RELAY_IDLE;
		ready = wait_for_any(relay);
	}
}

enum relay_end relay_run(struct tlsfo_conn *conn, const struct relay_terms *terms, int *ret_error)
{
	struct relay relay = {
		.conn = conn,
		.terms = terms,
		.input = stream_of(STDIN_FILENO),
		.output = stream_of(STDOUT_FILENO),
		.input_begun = terms->input_begun,
		.input_ended = terms->input_ended,
		.half_close = terms->half_close,
		.silence_counts = !terms->half_close,
		.last_move = tlsfo_now(),
	};

	*ret_error = 0;
	return move_all(&relay, ret_error);
}
