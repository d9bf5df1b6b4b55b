/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <stddef.h>

static void begin_value(struct json *json, const char *key)
{
	if (json->follows)
		text_add(json->text, ",");
	if (key != NULL)
		text_add(json->text, "\"%s\":", key);
	json->follows = true;
}

void json_open(struct json *json, const char *key, char begin)
{
	begin_value(json, key);
	text_add(json->text, "%c", begin);
	json->follows = false;
}

void json_close(struct json *json, char end)
{
	text_add(json->text, "%c", end);
	json->follows = true;
}

void json_add_raw(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	text_add(json->text, "%s", value);
}

void json_add_string(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	if (value != NULL && value[0] != '\0')
		text_add_json(json->text, value);
	else
		text_add(json->text, "null");
}

void json_add_number(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	if (value < 0)
		text_add(json->text, "null");
	else
		text_add(json->text, "%lld", (long long)value);
}

void json_add_ms(struct json *json, const char *key, int64_t us)
{
	begin_value(json, key);
	if (us < 0)
		text_add(json->text, "null");
	else
		text_add(json->text, "%lld.%03d", (long long)(us / 1000), (int)(us % 1000));
}

void json_add_bool(struct json *json, const char *key, int value)
{
	json_add_raw(json, key, value < 0 ? "null" : value != 0 ? "true" : "false");
}
