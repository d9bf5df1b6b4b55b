/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Programs that know nothing of fast open send their ClientHello in the SYN of the second visit under "tlsfo run", and
 * end as they do without it. Their first visit asks for the cookie. The argument names the program.
 */

#include "command/guest.h"

#include <stdlib.h>

#include "support/program.h"

#define HOST "server4.test"
#define URL  "https://" HOST ":" PROBING_PORT "/"
#define CA   CERTS_DIR "/ca.pem"

static const struct row {
	const char *server; /* see guest_begin() */
	const char *words[16];
} rows[] = {
	{"-www", {"curl", "-q", "-sS", "--cacert", CA, URL}},
	{"-www", {"wget", "-q", "-O", "/dev/null", "--ca-certificate=" CA, URL}},
	/* Its own way is GnuTLS's. */
	{"-www", {"wget2", "--no-config", "--no-hsts", "-q", "-O", "/dev/null", "--no-tcp-fastopen",
			 "--ca-certificate=" CA, URL}},
	{"-www", {"lftp", "-c", "set ssl:ca-file " CA "; cat " URL}},
	{"-www", {"cadaver", URL}},
	{"-www", {"python3", "-c",
			 "import urllib.request as u, ssl;"
			 "u.urlopen('" URL "', context=ssl.create_default_context(cafile='" CA
			 "')).read()"}},
	{"-rev", {"gnutls-cli", "--x509cafile", CA, "-p", PROBING_PORT, HOST}},
	{"-rev", {"kdig", "+tls-ca=" CA, "+tls-hostname=server.test", "+time=1", "+retry=0", "-p",
			 PROBING_PORT, "@" LAB_SERVER_IPV4, "name.test"}},
	{"-rev", {"chronyd", "-Q", "-t", "2", "-u", "root", "-x", "-f", "/dev/null",
			 "server " HOST " iburst nts ntsport " PROBING_PORT, "nosystemcert",
			 "ntstrustedcerts " CA}},
	{"220 lab", {"msmtp", "--serverinfo", "--host=" HOST, "--port=" PROBING_PORT, "--tls=on",
			    "--tls-starttls=off", "--tls-trust-file=" CA}},
	{"+OK lab", {"mpop", "--serverinfo", "--host=" HOST, "--port=" PROBING_PORT, "--tls=on",
			    "--tls-starttls=off", "--tls-trust-file=" CA}},
};

static const struct row *row;

static void hello_is_in_the_second_syn(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, NULL, row->server);
	struct lab *lab = guest.probing->lab;
	int status = guest_visit_bare(&guest, row->words);

	guest_expect_syn(&guest, 0, GUEST_NO_OPTION);
	assert_int_equal(guest_visit(&guest, row->words), status);
	guest_expect_syn(&guest, 0, GUEST_COOKIE_ASKED);
	guest_expect_report(&guest, "fast_open", "cookie-requested");
	assert_int_equal(guest_visit(&guest, row->words), status);
	guest_expect_syn(&guest, 0, GUEST_HELLO);
	assert_int_equal(lab_trace_syn_acked(lab, 0), lab_trace_syn_payload(lab, 0));
	guest_expect_report(&guest, "fast_open", "acknowledged");
	/* The conversation goes on behind the hello. */
	assert_true(lab_trace_records(lab, 0, LAB_CLIENT, NULL, 0) >= 2);
	guest_end(&guest);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hello_is_in_the_second_syn)};

	program_need("openssl");
	for (size_t i = 0; argc > 1 && i < suite_length(rows); i++) {
		if (strcmp(rows[i].words[0], argv[1]) == 0)
			row = &rows[i];
	}
	if (row == NULL)
		suite_abort("usage: run_gives_programs_fast_open PROGRAM");
	program_need(row->words[0]);
	return probing_run("run_gives_programs_fast_open", tests, suite_length(tests));
}
