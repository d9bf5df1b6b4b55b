/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store/record and store/path: any bytes are no record, or one whose fields are in bounds, which
 * is written and read as the same, and from which the policy can go on at any time.
 */

#include <string.h>

#include "fuzz/target.h"
#include "store/path.h"

static void check_again(const struct record *record)
{
	struct content once, twice;
	struct record again;

	if (!record_pack(record, &once))
		return;
	promise(record_read(once.record, &again));
	if (record_pack(&again, &twice)) {
		promise(once.record.len == twice.record.len &&
			memcmp(once.record.at, twice.record.at, once.record.len) == 0);
		content_clear(&twice);
	}
	content_clear(&once);
}

static void check_policy(const struct record *record, int64_t now)
{
	static const unsigned char id[PATH_ID_SIZE] = {1};
	struct path_network network = record->failing;
	struct path_state state = network.state;
	enum path_advice advice = path_advise(&state, now);

	promise(advice == PATH_GO || advice == PATH_PROBE || advice == PATH_AVOID);
	if (path_failed(&state, now))
		promise(state.until - now <= PATH_PAUSE_MOST && path_expires(&state) > now);
	path_network_failed(&network, id, now);
	promise(network.count <= PATH_DIFFERENT);
	promise(!path_rtt_differs(record->rtt_us, -1, 25000));
	promise(!path_rtt_differs(record->rtt_us, record->rtt_us, 25000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[32] = "a key of the fuzzer's";
	char text[RECORD_TEXT_SIZE];
	struct record record;

	if (!record_read(bytes_of(data, size), &record) || record.kind == RECORD_TICKET)
		return 0;
	promise(strlen(record.host) <= RECORD_NAME_MAX);
	promise(record.failing.count <= PATH_DIFFERENT && record.rtt_us >= -1 &&
		record.think_us >= 0);
	promise(record.written >= 0 && record.expires >= 0);
	record_print(&record, text);
	promise(strlen(text) < sizeof(text));
	record_key(key, &record);
	promise(record.host[0] == '\0' || record_is_of(&record, record.host, 0));
	check_again(&record);
	check_policy(&record, 0x69200000);
	check_policy(&record, record.failing.state.until);
	return 0;
}
