/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab_internal.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <time.h>

enum { SNAPSHOT = 65535 };

/* The trace counts monotonic time, a capture file the time of day. */
static uint64_t time_of_day_offset(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec - lab_now_ns();
}

/* What a capture on that side has of the packet: when, and which bytes. */
struct seen {
	uint64_t ns;
	const uint8_t *bytes;
	size_t length;
	size_t kept;
	size_t index;
};

static bool see(const struct trace_entry *entry, enum lab_side side, struct seen *ret_seen)
{
	struct seen seen = {entry->packet.sent_ns, entry->bytes, entry->length, entry->kept,
		entry->packet.index};
	bool sent_here = entry->packet.from == side && !entry->packet.injected_by;

	if (!sent_here) {
		if (entry->packet.from == side || entry->packet.fate != LAB_ARRIVED)
			return false;
		seen.ns = entry->packet.arrived_ns;
	}
	if (!sent_here && entry->altered) {
		seen.bytes = entry->altered;
		seen.length = entry->altered_length;
		seen.kept = entry->altered_kept;
	}
	*ret_seen = seen;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct seen *a = left;
	const struct seen *b = right;

	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return 0;
}

/* In nanosecond files the microsecond field holds nanoseconds. */
static void dump(pcap_dumper_t *dumper, const struct seen *seen, uint64_t offset_ns)
{
	struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)seen->kept,
		.len = (bpf_u_int32)seen->length,
	};

	header.ts.tv_sec = (time_t)((seen->ns + offset_ns) / 1000000000);
	header.ts.tv_usec = (suseconds_t)((seen->ns + offset_ns) % 1000000000);
	pcap_dump((u_char *)dumper, &header, seen->bytes);
}

/*
 * The trace is in the order of sending; a capture is in the order in which its side saw the
 * packets.
 */
static int dump_all(pcap_dumper_t *dumper, const struct trace *trace, enum lab_side side)
{
	uint64_t offset_ns = time_of_day_offset();
	struct seen *list = calloc(trace->used + 1, sizeof(*list));
	size_t count = 0;
	size_t i;

	if (!list)
		return -ENOMEM;

	for (i = 0; i < trace->used; i++) {
		if (see(trace->entries[i], side, &list[count]))
			count++;
	}
	qsort(list, count, sizeof(*list), compare);
	for (i = 0; i < count; i++)
		dump(dumper, &list[i], offset_ns);
	free(list);
	return 0;
}

static int write_to(FILE *file, pcap_t *pcap, struct lab *lab, enum lab_side side)
{
	pcap_dumper_t *dumper = pcap_dump_fopen(pcap, file);
	int result;

	if (!dumper) {
		fclose(file);
		return -EIO;
	}

	pthread_mutex_lock(&lab->wire.lock);
	result = dump_all(dumper, &lab->wire.trace, side);
	pthread_mutex_unlock(&lab->wire.lock);
	if (pcap_dump_flush(dumper) < 0 && result == 0)
		result = -EIO;
	pcap_dump_close(dumper);
	return result;
}

int lab_write_pcap(struct lab *lab, enum lab_side side, const char *path)
{
	pcap_t *pcap;
	FILE *file = fopen(path, "we");
	int result;

	if (!file)
		return -errno;

	pcap = pcap_open_dead_with_tstamp_precision(DLT_RAW, SNAPSHOT, PCAP_TSTAMP_PRECISION_NANO);
	if (!pcap) {
		fclose(file);
		return -ENOMEM;
	}
	result = write_to(file, pcap, lab, side);
	pcap_close(pcap);
	return result;
}
