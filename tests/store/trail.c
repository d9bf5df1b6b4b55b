/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail.h"

#define HOSTS 256

struct path_place trail_place(unsigned char number)
{
	static char names[HOSTS][32];

	snprintf(names[number], sizeof(names[number]), "host-%u.example", number);
	return (struct path_place){
		.host = names[number],
		.destination = {.family = 4, .bytes = {198, 51, 100, number}, .port = 443},
		.network = {.family = 4, .bytes = {192, 0, 2}},
	};
}

struct shelf *trail_of(struct tlsfo_store *store)
{
	struct shelf *paths = store_paths(store);

	assert_non_null(paths);
	return paths;
}

enum path_advice trail_advice(struct tlsfo_store *store, unsigned char number, int64_t now)
{
	const struct path_place place = trail_place(number);
	bool known;

	return path_store_advise(trail_of(store), &place, now, &known);
}

void trail_fail(struct tlsfo_store *store, unsigned char number, int64_t now)
{
	const struct path_place place = trail_place(number);

	path_store_failed(trail_of(store), &place, now);
}

void trail_succeed(struct tlsfo_store *store, unsigned char number)
{
	const struct path_place place = trail_place(number);

	path_store_succeeded(trail_of(store), &place);
}

bool trail_probe(struct tlsfo_store *store, unsigned char number, int64_t now)
{
	const struct path_place place = trail_place(number);

	return path_store_probe(trail_of(store), &place, now);
}

void trail_answer(struct tlsfo_store *store, unsigned char number, int64_t rtt_us, int64_t now)
{
	const struct path_place place = trail_place(number);

	path_store_answered(
		trail_of(store), place.host, &place.destination, rtt_us, PATH_EARLY_NOTHING, now);
}

int64_t trail_rtt(struct tlsfo_store *store, unsigned char number, int64_t now)
{
	const struct path_place place = trail_place(number);
	struct record record;

	if (!path_store_host(trail_of(store), place.host, place.destination.port, now, &record))
		return -2;
	assert_memory_equal(record.address.bytes, place.destination.bytes, 16);
	return record.rtt_us;
}

size_t trail_files(const struct fixture *fixture, char ret_path[static 512])
{
	char paths[320];

	snprintf(paths, sizeof(paths), "%s/tlsfo-1/paths", fixture->store);
	return fixture_files(paths, "", ret_path);
}
