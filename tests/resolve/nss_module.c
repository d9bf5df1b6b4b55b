/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A module of nsswitch.conf(5), "tlsfo", that knows one host: module.test, 127.0.0.77. */

#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <string.h>
#include <sys/socket.h>

enum nss_status _nss_tlsfo_gethostbyname2_r(const char *name, int family, struct hostent *ret_host,
	char *buf, size_t size, int *ret_errno, int *ret_h_errno);

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
