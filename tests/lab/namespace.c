/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "namespace.h"

#include "device.h"
#include "names.h"
#include "reason.h"
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HERE_NET   "/proc/thread-self/ns/net"
#define HERE_MOUNT "/proc/thread-self/ns/mnt"

static int open_file(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static bool may_make_namespaces(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	uint32_t wanted = 1U << CAP_SYS_ADMIN | 1U << CAP_NET_ADMIN;

	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & wanted) == wanted;
}

int namespace_become_root(const char **ret_step)
{
	char uid_map[32];
	char gid_map[32];
	int result;

	snprintf(uid_map, sizeof(uid_map), "0 %u 1", geteuid());
	snprintf(gid_map, sizeof(gid_map), "0 %u 1", getegid());
	*ret_step = "make a user namespace";
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
		return -errno;

	/* user_namespaces(7): without CAP_SETGID outside, setgroups is given up first. */
	(void)file_write("/proc/self/setgroups", "deny");
	*ret_step = "map user and group ids";
	result = file_write("/proc/self/uid_map", uid_map);
	return result < 0 ? result : file_write("/proc/self/gid_map", gid_map);
}

/* A process with several threads cannot make a user namespace, and is told EINVAL. */
static int become_root(struct lab_reason *reason)
{
	const char *step = NULL;
	int result = namespace_become_root(&step);

	if (result == 0)
		return 0;
	return reason_set(reason, -result, "not permitted to %s%s", step,
		result == -EINVAL ? " in a process with several threads" : "");
}

struct making {
	struct namespaces *namespaces;
	const struct lab_options *options;
	int *tun;
	struct lab_reason *reason;
};

static int set_fastopen(const struct making *making, enum lab_side side)
{
	int value = side == LAB_CLIENT ? making->options->client_fastopen
				       : making->options->server_fastopen;
	char text[16];
	int result;

	if (value == LAB_KERNEL_DEFAULT)
		return 0;

	snprintf(text, sizeof(text), "%d", value);
	result = sysctl_write("net/ipv4/tcp_fastopen", text);
	if (result < 0)
		return reason_set(making->reason, -result, "cannot write net.ipv4.tcp_fastopen");
	return 0;
}

/* The thread moves on to a network namespace for the side and leaves a descriptor for it behind. */
static int make_side(const struct making *making, enum lab_side side)
{
	struct namespaces *namespaces = making->namespaces;
	int result;

	if (unshare(CLONE_NEWNET) < 0)
		return reason_set(
			making->reason, errno, "not permitted to make a network namespace");

	result = open_file(HERE_NET, &namespaces->net[side]);
	if (result == 0)
		result = open_file("/proc/thread-self/net/tcp", &namespaces->listeners[side][0]);
	if (result == 0)
		result = open_file("/proc/thread-self/net/tcp6", &namespaces->listeners[side][1]);
	if (result < 0)
		return reason_set(making->reason, -result, "cannot open the network namespace");

	result = set_fastopen(making, side);
	if (result < 0)
		return result;

	result = device_make(side, making->options->mtu, making->reason);
	if (result < 0)
		return result;
	making->tun[side] = result;
	return 0;
}

static int make_sides(void *argument)
{
	const struct making *making = argument;
	struct namespaces *namespaces = making->namespaces;
	int result;

	if (unshare(CLONE_NEWNS) < 0)
		return reason_set(making->reason, errno, "not permitted to make a mount namespace");

	result = open_file(HERE_MOUNT, &namespaces->mount);
	if (result < 0)
		return reason_set(making->reason, -result, "cannot open the mount namespace");

	result = names_mount(making->options->hosts, making->reason);
	if (result == 0)
		result = make_side(making, LAB_CLIENT);
	if (result == 0)
		result = make_side(making, LAB_SERVER);
	if (result < 0)
		return result;

	result = sysctl_open("net/ipv4/tcp_fastopen_key");
	if (result < 0)
		return reason_set(making->reason, -result, "cannot open the fast-open key");
	namespaces->server_key = result;
	return 0;
}

int namespaces_make(struct namespaces *namespaces, const struct lab_options *options,
	int ret_tun[2], struct lab_reason *reason)
{
	struct making making = {namespaces, options, ret_tun, reason};
	int result = may_make_namespaces() ? 0 : become_root(reason);

	if (result < 0)
		return result;

	result = open_file(HERE_NET, &namespaces->home_net);
	if (result == 0)
		result = open_file(HERE_MOUNT, &namespaces->home_mount);
	if (result < 0)
		return reason_set(reason, -result, "cannot open the namespaces of the caller");

	result = thread_call(make_sides, &making);
	if (result < 0)
		return reason_set(reason, -result, "cannot make the hosts");
	return result;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void namespaces_close(struct namespaces *namespaces)
{
	close_if_open(namespaces->home_net);
	close_if_open(namespaces->home_mount);
	close_if_open(namespaces->mount);
	close_if_open(namespaces->net[LAB_CLIENT]);
	close_if_open(namespaces->net[LAB_SERVER]);
	close_if_open(namespaces->listeners[LAB_CLIENT][0]);
	close_if_open(namespaces->listeners[LAB_CLIENT][1]);
	close_if_open(namespaces->listeners[LAB_SERVER][0]);
	close_if_open(namespaces->listeners[LAB_SERVER][1]);
	close_if_open(namespaces->server_key);
	*namespaces = (struct namespaces)NAMESPACES_CLOSED;
}

int namespace_enter(int mount_fd, int net_fd, const char *directory)
{
	/*
	 * setns(2): a mount namespace is entered only by a thread that shares its directory with
	 * none.
	 */
	if (unshare(CLONE_FS) < 0 || setns(mount_fd, CLONE_NEWNS) < 0 ||
		setns(net_fd, CLONE_NEWNET) < 0)
		return -errno;

	/* Entering leaves the thread in the root directory. */
	if (directory)
		(void)!chdir(directory);
	return 0;
}

struct call {
	int (*function)(void *argument);
	void *argument;
	int result;
};

static void *run_call(void *argument)
{
	struct call *call = argument;

	call->result = call->function(call->argument);
	return NULL;
}

int thread_call(int (*function)(void *argument), void *argument)
{
	struct call call = {function, argument, 0};
	pthread_t thread;
	sigset_t all;
	sigset_t kept;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &kept);
	result = pthread_create(&thread, NULL, run_call, &call);
	pthread_sigmask(SIG_SETMASK, &kept, NULL);
	if (result)
		return -result;

	pthread_join(thread, NULL);
	return call.result;
}
