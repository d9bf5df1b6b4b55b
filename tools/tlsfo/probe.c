/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include "command.h"
#include "configure.h"
#include "connecting.h"
#include "failure.h"
#include "holdings.h"
#include "options.h"

#include <stdlib.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

/* An address that is dead does not answer ever; a SYN that is lost for its option comes back bare
 * after a second. */
#define COOKIE_WAIT_MS 2500

/* What the visits have in common, and how they differ. */
struct probing {
	const struct connect_options *options;
	struct tlsfo_store *store;
	struct tlsfo_config *plain;   /* without fast open, collects tickets */
	struct tlsfo_config *collect; /* with fast open always, collects tickets */
	struct tlsfo_config *use;     /* the same, and uses them */
};

static enum command_status prepare_one(const struct probing *probing,
	enum tlsfo_fast_open_mode fast_open, enum tlsfo_ticket_use use,
	struct tlsfo_config **ret_config)
{
	struct connect_options options = *probing->options;

	options.fast_open = fast_open;
	return configure(&options, use, probing->store, ret_config);
}

/* What is remembered of the path must not hide what it does now. */
static enum command_status prepare(struct probing *probing, const struct connect_options *options)
{
	enum command_status status = STATUS_DONE;
	int ret = 0;

	*probing = (struct probing){.options = options};
	ret = tlsfo_store_new(&probing->store);
	if (ret < 0) {
		complain("%s", tlsfo_strerror(ret));
		return STATUS_LOCAL;
	}
	status = prepare_one(
		probing, TLSFO_USE_FAST_OPEN_NEVER, TLSFO_TICKETS_COLLECT, &probing->plain);
	if (status == STATUS_DONE)
		status = prepare_one(probing, TLSFO_USE_FAST_OPEN_ALWAYS, TLSFO_TICKETS_COLLECT,
			&probing->collect);
	if (status == STATUS_DONE)
		status = prepare_one(
			probing, TLSFO_USE_FAST_OPEN_ALWAYS, TLSFO_TICKETS_USE, &probing->use);
	return status;
}

static void clean_up(struct probing *probing)
{
	tlsfo_config_free(probing->plain);
	tlsfo_config_free(probing->collect);
	tlsfo_config_free(probing->use);
	tlsfo_store_free(probing->store);
}

static const struct probe_visit *make_visit(const struct probing *probing,
	struct tlsfo_config *config, enum probe_visit_kind kind, struct probe_facts *facts)
{
	struct probe_visit *visit = &facts->visits[kind];

	probe_visit_make(config, probing->options, facts->port, visit);
	return visit;
}

/* One SYN may be lost, and a server may have changed its key; that nothing arrives after the SYN is
 * certain already. */
static bool may_be_chance(const struct probe_facts *facts)
{
	struct probe_findings findings = probe_judge(facts);
	bool failed = facts->visits[PROBE_COOKIE].result < 0;

	return (failed || findings.outcome == PROBE_PATH_BREAKS) &&
	       findings.path != PROBE_PATH_SWALLOWS;
}

/* Who did not have it before: the SYN that asked for it, or its answer, was lost. */
static bool came_late(const struct probe_facts *facts)
{
	const struct probe_visit *visit = &facts->visits[PROBE_COOKIE];

	return visit->result == 0 && visit->report.fast_open == TLSFO_FAST_OPEN_COOKIE_REQUESTED;
}

static void ask_for_cookies(const struct probing *probing, struct probe_facts *facts)
{
	const struct probe_visit *plain = &facts->visits[PROBE_PLAIN];
	int64_t rtt_ms = plain->report.rtt_us > 0 ? plain->report.rtt_us / 1000 : 0;

	cookies_fetch(probing->collect, facts->host, facts->port, COOKIE_WAIT_MS + 4 * rtt_ms,
		&facts->cookies);
}

static void visit_with_cookie(const struct probing *probing, struct probe_facts *facts)
{
	if (facts->system.client != 0)
		ask_for_cookies(probing, facts);
	(void)make_visit(probing, probing->collect, PROBE_COOKIE, facts);
	if (came_late(facts))
		ask_for_cookies(probing, facts);
	if (came_late(facts) || may_be_chance(facts))
		(void)make_visit(probing, probing->collect, PROBE_COOKIE_TWO, facts);
}

static void visit_with_ticket(const struct probing *probing, struct probe_facts *facts)
{
	struct holdings holdings = {.tickets = 0};

	if (holdings_count(probing->store, facts->host, facts->visits[PROBE_PLAIN].report.port,
		    &holdings) == 0 &&
		holdings.tickets > 0) {
		facts->tickets = holdings.tickets;
		facts->early_data = holdings.early_data;
		(void)make_visit(probing, probing->use, PROBE_TICKET, facts);
	}
}

/* Whole or not at all, so that standard output need be asked only once. */
static enum command_status print(const struct probe_facts *facts, bool json)
{
	struct probe_findings findings = probe_judge(facts);
	enum command_status status = STATUS_LOCAL;
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	bool good = file && (json ? probe_print_json : probe_print_text)(file, facts, &findings);

	if (file && fclose(file) == 0 && good)
		status = say(text);
	else
		complain("no memory");
	free(text);
	return status;
}

/* A visit that fails without fast open says nothing about fast open. */
static enum command_status make_visits(const struct probing *probing, struct probe_facts *facts)
{
	const struct probe_visit *plain = make_visit(probing, probing->plain, PROBE_PLAIN, facts);

	if (plain->result < 0) {
		complain("%s", plain->error);
		return status_of(plain->result);
	}
	visit_with_cookie(probing, facts);
	visit_with_ticket(probing, facts);
	return STATUS_DONE;
}

static enum command_status probe_to_the_end(
	const struct probing *probing, struct probe_facts *facts)
{
	bool json = probing->options->json;
	enum command_status status = make_visits(probing, facts);
	enum command_status printed = STATUS_DONE;

	/* Programs get an object in any case. */
	if (status == STATUS_DONE || json)
		printed = print(facts, json);
	return status == STATUS_DONE ? printed : status;
}

static enum command_status probe_with(const struct connect_options *options)
{
	struct probe_facts *facts = calloc(1, sizeof(*facts));
	struct probing probing = {.options = options};
	enum command_status status = facts ? prepare(&probing, options) : STATUS_LOCAL;

	if (!facts)
		complain("no memory");
	if (status == STATUS_DONE) {
		facts->host = options->host;
		facts->port = options->port;
		facts->verified = !options->insecure;
		probe_system_read(&facts->system);
		status = probe_to_the_end(&probing, facts);
	}
	clean_up(&probing);
	free(facts);
	return status;
}

enum command_status probe_run(int argc, char **argv)
{
	static const struct connecting probe = {
		"probe", probe_help, probe_options_parse, probe_with};

	return connecting_run(&probe, argc, argv);
}
