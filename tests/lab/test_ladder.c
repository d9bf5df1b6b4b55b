/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A ladder says what crossed the wire, in lines of at most 100 columns. */

#include "ladder.h"
#include "recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MS = 1000000, COLUMNS_MOST = 100 };

/* Fast open with early data whose SYN is lost once, then an answer; 50 ms. */
static struct recording make_connection(void)
{
	static const uint8_t cookie[] = {34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1};
	struct recording recording = recording_start();
	uint8_t bytes[1000];
	size_t length = put_early_hello(bytes);
	struct made_tcp syn = {.flags = PACKET_SYN,
		.seq = CLIENT_ISN,
		.options = cookie,
		.options_length = sizeof(cookie),
		.payload = bytes};

	recording.half_ns = 25 * MS;
	length += put_record(bytes + length, TLS_APPLICATION_DATA, 60);
	syn.payload_length = length;
	recording_segment(&recording, syn, "drop-syn-data");
	recording.now += 1000 * MS;
	syn.payload_length = 0;
	syn.options_length = 0;
	recording_segment(&recording, syn, NULL);
	recording.now += 25 * MS;
	recording_synack(&recording, 0);
	recording.now += 25 * MS;
	recording_data(&recording, LAB_CLIENT, 0, bytes, length, NULL);
	recording.now += 25 * MS;
	length = put_server_hello(bytes);
	length += put_record(bytes + length, TLS_APPLICATION_DATA, 700);
	recording_data(&recording, LAB_SERVER, 0, bytes, length, NULL);
	return recording;
}

/* Draws into memory; the caller frees. */
static char *draw(struct recording *recording, const struct lab_ladder *ladder)
{
	struct ladder_model model;
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);

	assert_non_null(file);
	assert_int_equal(ladder_model_read(&recording->trace, ladder, 50 * MS, &model), 0);
	assert_int_equal(ladder_draw_text(&model, file, ladder->ascii), 0);
	ladder_model_clear(&model);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	bool found = strstr(text, part) != NULL;

	if (!found)
		print_error("\"%s\" is not in:\n%s", part, text);
	assert_true(found);
}

static void assert_narrow(const char *text)
{
	size_t column = 0;

	for (; *text; text++) {
		if (((unsigned char)*text & 0xc0) == 0x80)
			continue;
		column = *text == '\n' ? 0 : column + 1;
		assert_true(column <= COLUMNS_MOST);
	}
}

static void text_says_what_happened(void **state)
{
	struct recording recording = make_connection();
	struct lab_ladder ladder = {.connection = LAB_ALL, .min_record = 700};
	char *text = draw(&recording, &ladder);

	(void)state;
	assert_has(text, "[2001:db8::10]:40000 to [2001:db8::20]:443");
	assert_has(text, "SYN, cookie 8, ClientHello 53, early data 65");
	assert_has(text, "✗ drop-syn-data");
	assert_has(text, "SYN, again");
	assert_has(text, "SYN-ACK, acknowledges no data");
	assert_has(text, "ClientHello 53, early data 65, again");
	assert_has(text, "ServerHello 55, response 705");
	assert_has(text, "  1000.0  20.00");
	assert_has(text, "118 bytes in the SYN, 0 acknowledged, response after 1100.0 ms = 22.00");
	assert_narrow(text);
	free(text);
	trace_clear(&recording.trace);
}

static void ascii_is_ascii(void **state)
{
	struct recording recording = make_connection();
	struct lab_ladder ladder = {.connection = 0, .ascii = true};
	char *text = draw(&recording, &ladder);
	const char *at;

	(void)state;
	for (at = text; *at; at++)
		assert_true((unsigned char)*at < 0x80);
	assert_has(text, "X drop-syn-data");
	assert_has(text, "===>|");
	free(text);
	trace_clear(&recording.trace);
}

static void connection_that_is_not_there(void **state)
{
	struct recording recording = make_connection();
	struct lab_ladder ladder = {.connection = 1};
	struct ladder_model model;

	(void)state;
	assert_int_equal(ladder_model_read(&recording.trace, &ladder, 50 * MS, &model), -ENOENT);
	trace_clear(&recording.trace);
}

/* Everything a label, a name of a box or the numbers could do to the columns. */
static void crowded_lines_stay_narrow(void **state)
{
	static const char *const causes[] = {
		NULL, "loss", "a-box-with-a-rather-long-name-of-41-letters"};
	struct recording recording = recording_start();
	struct lab_ladder ladder = {.connection = LAB_ALL, .min_record = 1};
	uint8_t bytes[1400];
	size_t length = 0;
	char *text;
	uint32_t i;

	(void)state;
	recording_syn(&recording, NULL, 0);
	recording_synack(&recording, 0);
	for (i = 0; i < 20; i++)
		length += put_record(bytes + length, (uint8_t)(20 + i % 4), 20 + i);
	for (i = 0; i < 12; i++) {
		recording.now += 123456789012;
		recording_data(&recording, i % 2 ? LAB_SERVER : LAB_CLIENT, i * 100, bytes, length,
			causes[i % 3]);
	}
	text = draw(&recording, &ladder);
	assert_narrow(text);
	assert_has(text, "…");
	free(text);
	trace_clear(&recording.trace);
}

static void trace_without_connection_is_drawn(void **state)
{
	struct recording recording = recording_start();
	struct lab_ladder ladder = {.connection = LAB_ALL};
	char *text;

	(void)state;
	text = draw(&recording, &ladder);
	assert_has(text, "client");
	free(text);
	recording_data(&recording, LAB_SERVER, 0, "stray", 5, NULL);
	text = draw(&recording, &ladder);
	assert_has(text, "data 5");
	free(text);
	trace_clear(&recording.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_says_what_happened),
		cmocka_unit_test(ascii_is_ascii),
		cmocka_unit_test(connection_that_is_not_there),
		cmocka_unit_test(crowded_lines_stay_narrow),
		cmocka_unit_test(trace_without_connection_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
