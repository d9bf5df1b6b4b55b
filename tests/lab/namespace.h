/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_NAMESPACE_H
#define TLSFO_LAB_NAMESPACE_H

#include "lab.h"

/* Descriptors; −1: not open. */
struct namespaces {
	int home_net; /* where lab_new() was called */
	int home_mount;
	int mount;	     /* of both sides */
	int net[2];	     /* by enum lab_side */
	int listeners[2][2]; /* /proc/net/tcp and tcp6 of each side */
	int server_key;	     /* sysctl net.ipv4.tcp_fastopen_key of the server */
};

#define NAMESPACES_CLOSED                                                                          \
	{                                                                                          \
		-1, -1, -1, {-1, -1}, {{-1, -1}, {-1, -1}}, -1                                     \
	}

/*
 * Makes the caller privileged enough, in a new user namespace if need be, then both sides with
 * their TUN devices. What is open stays open on failure, namespaces_close() closes it. Returns 0 or
 * −errno with a reason.
 */
int namespaces_make(struct namespaces *namespaces, const struct lab_options *options,
	int ret_tun[2], struct lab_reason *reason);
void namespaces_close(struct namespaces *namespaces);

/*
 * Moves the calling thread into a mount and a network namespace and then, if it can, into the
 * directory (or NULL). Makes nothing but system calls. Returns 0 or −errno.
 */
int namespace_enter(int mount_fd, int net_fd, const char *directory);

/*
 * Makes the process root in a user namespace of its own, with copies of its mounts and an empty network: it could never
 * come back to those of its old user namespace. Returns 0 or −errno, and says what was not possible.
 */
int namespace_become_root(const char **ret_step);

/* True if a socket in the table, /proc/net/tcp or tcp6 of any namespace, listens on the port; 0: on any. */
bool socket_table_listens(int table, uint16_t port);

/* Calls the function in a thread of its own with all signals blocked. Its result, or −errno. */
int thread_call(int (*function)(void *argument), void *argument);

#endif
