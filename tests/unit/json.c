/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/text writes JSON members one after the other, with commas between them and nowhere else. */

#include <jansson.h>

#include "base/text.h"
#include "support/suite.h"

static void members_are_parted(void **state)
{
	char buf[256];
	struct text text;
	struct json json = {.text = &text};

	(void)state;
	text_init(&text, buf, sizeof(buf));
	json_open(&json, NULL, '{');
	json_add_number(&json, "number", 7);
	json_open(&json, "list", '[');
	json_add_string(&json, NULL, "one");
	json_open(&json, NULL, '{');
	json_close(&json, '}');
	json_open(&json, NULL, '[');
	json_close(&json, ']');
	json_close(&json, ']');
	json_add_raw(&json, "raw", "[1,2]");
	json_add_bool(&json, "true", 1);
	json_close(&json, '}');
	assert_string_equal(
		buf, "{\"number\":7,\"list\":[\"one\",{},[]],\"raw\":[1,2],\"true\":true}");
	json_t *value = json_loads(buf, 0, NULL);
	assert_true(json_is_object(value));
	json_decref(value);
}

static void what_is_not_known_is_null(void **state)
{
	char buf[256];
	struct text text;
	struct json json = {.text = &text};

	(void)state;
	text_init(&text, buf, sizeof(buf));
	json_open(&json, NULL, '[');
	json_add_string(&json, NULL, NULL);
	json_add_string(&json, NULL, "");
	json_add_number(&json, NULL, -1);
	json_add_ms(&json, NULL, -1);
	json_add_bool(&json, NULL, -1);
	json_add_number(&json, NULL, 0);
	json_add_ms(&json, NULL, 0);
	json_add_bool(&json, NULL, 0);
	json_close(&json, ']');
	assert_string_equal(buf, "[null,null,null,null,null,0,0.000,false]");
}

static void microseconds_become_milliseconds(void **state)
{
	char buf[256];
	struct text text;
	struct json json = {.text = &text};

	(void)state;
	text_init(&text, buf, sizeof(buf));
	json_open(&json, NULL, '[');
	json_add_ms(&json, NULL, 7);
	json_add_ms(&json, NULL, 1070);
	json_add_ms(&json, NULL, INT64_MAX);
	json_close(&json, ']');
	assert_string_equal(buf, "[0.007,1.070,9223372036854775.807]");
}

/* Without room the length is still that of the whole. */
static void length_needs_no_room(void **state)
{
	struct text text;
	struct json json = {.text = &text};

	(void)state;
	text_init(&text, NULL, 0);
	json_open(&json, NULL, '{');
	json_open(&json, "empty", '[');
	json_close(&json, ']');
	json_close(&json, '}');
	assert_int_equal(text.len, sizeof("{\"empty\":[]}") - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_parted),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(microseconds_become_milliseconds),
		cmocka_unit_test(length_needs_no_room),
	};

	return suite_run_offline("json", tests, suite_length(tests));
}
