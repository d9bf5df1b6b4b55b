/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "packets.h"

/* Room for a megabyte of packets while the recorder does not run. */
static const int receive_buffer = 4 << 20;

static int complain(const char *what)
{
	fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
	return 1;
}

static int open_socket(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int on = 1;
	int fd;

	if (address.sll_ifindex == 0)
		return -1;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0 &&
		bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int64_t time_of(struct msghdr *message)
{
	struct timespec when = {0};
	struct cmsghdr *control;

	for (control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&when, CMSG_DATA(control), sizeof(when));
	}
	return when.tv_sec * 1000000000LL + when.tv_nsec;
}

/*
 * Receives one packet. Returns 1; 0 when none waits; or -1. Every packet passes a loopback device
 * twice, going out and coming in; @loopback takes it as it comes in.
 */
static int receive(int fd, bool loopback, struct packet *packet, bool *ret_wanted)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_ll from = {0};
	struct iovec iov = {packet->bytes, sizeof(packet->bytes)};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &message, 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	packet->length = (size_t)got;
	packet->time_ns = time_of(&message);
	*ret_wanted = !loopback || from.sll_pkttype != PACKET_OUTGOING;
	return 1;
}

/* Writes down all that waits. */
static bool drain(int fd, bool loopback, uint16_t port, struct packet *packet, FILE *file)
{
	struct segment segment;
	bool wanted;
	int got;

	while ((got = receive(fd, loopback, packet, &wanted)) == 1) {
		if (!wanted || !segment_parse(&segment, packet))
			continue;
		if (segment.source != port && segment.target != port)
			continue;
		if (!pcap_append(file, packet))
			return false;
	}
	return got == 0;
}

/* Packets that the system had no room for; a listing without them would be wrong. */
static unsigned int lost(int fd)
{
	struct tpacket_stats stats = {0};
	socklen_t length = sizeof(stats);

	getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length);
	return stats.tp_drops;
}

static int run(int fd, int stop, bool loopback, uint16_t port, FILE *file)
{
	struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
	struct packet *packet = calloc(1, sizeof(*packet));
	int status = 0;

	if (packet == NULL)
		return complain("memory");
	puts("ready");
	fflush(stdout);
	while (status == 0 && wait[1].revents == 0) {
		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			status = complain("poll");
		else if (!drain(fd, loopback, port, packet, file))
			status = complain("recording");
	}
	free(packet);
	if (status == 0 && lost(fd) > 0) {
		fputs("packets: packets were lost, the record is not complete\n", stderr);
		status = 1;
	}
	return status;
}

int record(const char *interface, uint16_t port, const char *path)
{
	FILE *file = fopen(path, "wbxe");
	sigset_t signals;
	int status;
	int stop;
	int fd;

	if (file == NULL)
		return complain(path);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	stop = signalfd(-1, &signals, SFD_CLOEXEC);
	fd = open_socket(interface);
	if (stop < 0 || fd < 0 || !pcap_begin(file))
		status = complain(interface);
	else
		status = run(fd, stop, strcmp(interface, "lo") == 0, port, file);
	if (fclose(file) != 0 && status == 0)
		status = complain(path);
	if (fd >= 0)
		close(fd);
	if (stop >= 0)
		close(stop);
	return status;
}
