/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A module of nsswitch.conf(5), "tlsfo", that knows one host: module.test, 127.0.0.77. For stuck.test it does not
 * come back before a pipe has an end; that it was asked it tells by a byte to another pipe.
 */

#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum nss_status _nss_tlsfo_gethostbyname2_r(const char *name, int family, struct hostent *ret_host,
	char *buf, size_t size, int *ret_errno, int *ret_h_errno);

/* The pipes are named in the environment: the one to write to, the one to read from. */
static void get_stuck(void)
{
	const char *pipes = getenv("TLSFO_TEST_STUCK");
	int told;
	int awaited;
	char byte = 0;

	if (pipes != NULL && sscanf(pipes, "%d %d", &told, &awaited) == 2 &&
		write(told, &byte, 1) == 1)
		(void)!read(awaited, &byte, 1);
}

enum nss_status _nss_tlsfo_gethostbyname2_r(const char *name, int family, struct hostent *ret_host,
	char *buf, size_t size, int *ret_errno, int *ret_h_errno)
{
	static const unsigned char ip[] = {127, 0, 0, 77};
	struct {
		char *addresses[2];
		char *aliases[1];
		char ip[sizeof(ip)];
		char name[16];
	} *room = (void *)buf;

	if (family == AF_INET && strcmp(name, "stuck.test") == 0)
		get_stuck();
	if (family != AF_INET || strcmp(name, "module.test") != 0) {
		*ret_h_errno = HOST_NOT_FOUND;
		return NSS_STATUS_NOTFOUND;
	}
	if (size < sizeof(*room)) {
		*ret_errno = ERANGE;
		*ret_h_errno = NETDB_INTERNAL;
		return NSS_STATUS_TRYAGAIN;
	}
	memcpy(room->ip, ip, sizeof(ip));
	strcpy(room->name, name);
	room->addresses[0] = room->ip;
	room->addresses[1] = NULL;
	room->aliases[0] = NULL;
	*ret_host = (struct hostent){
		.h_name = room->name,
		.h_aliases = room->aliases,
		.h_addrtype = AF_INET,
		.h_length = sizeof(ip),
		.h_addr_list = room->addresses,
	};
	return NSS_STATUS_SUCCESS;
}
