/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "packets.h"

enum {
	ETHERNET_HEADER = 14,
	ETHERNET_TYPE = 12,
	ETHERNET_IPV4 = 0x0800,
	ETHERNET_IPV6 = 0x86dd,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	PROTOCOL_TCP = 6,
	TCP_HEADER = 20,
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_FAST_OPEN = 34 /* RFC 7413 section 4.1.1 */
};

struct view {
	const uint8_t *data;
	size_t captured;
	size_t length; /* on the wire, at least @captured */
};

static uint16_t read16(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t read32(const uint8_t *data)
{
	return (uint32_t)read16(data) << 16 | read16(data + 2);
}

static bool view_skip(struct view *view, size_t count)
{
	if (view->captured < count)
		return false;
	view->data += count;
	view->captured -= count;
	view->length -= count;
	return true;
}

/* An IP header's length field rules: Ethernet pads short packets. */
static bool view_limit(struct view *view, size_t length)
{
	view->length = length;
	if (view->captured > length)
		view->captured = length;
	return true;
}

static bool skip_ipv4(struct view *view)
{
	size_t header;

	if (view->captured < IPV4_HEADER || view->data[9] != PROTOCOL_TCP)
		return false;
	header = (size_t)(view->data[0] & 15) * 4;
	if (header < IPV4_HEADER || read16(view->data + 2) < header)
		return false;
	return view_limit(view, read16(view->data + 2)) && view_skip(view, header);
}

static bool skip_ipv6(struct view *view)
{
	if (view->captured < IPV6_HEADER || view->data[6] != PROTOCOL_TCP)
		return false;
	return view_limit(view, IPV6_HEADER + (size_t)read16(view->data + 4)) &&
	       view_skip(view, IPV6_HEADER);
}

static int find_cookie(const uint8_t *options, size_t length)
{
	size_t i = 0;

	while (i < length && options[i] != OPTION_END) {
		if (options[i] == OPTION_NOP) {
			i++;
			continue;
		}
		if (i + 1 >= length || options[i + 1] < 2 || options[i + 1] > length - i)
			return -1;
		if (options[i] == OPTION_FAST_OPEN)
			return options[i + 1] - 2;
		i += options[i + 1];
	}
	return -1;
}

/* What is below IP says which version it is only where there is something below. */
static bool skip_link(struct view *view, bool raw, bool *ret_ipv6)
{
	uint16_t type;

	if (raw) {
		if (view->captured == 0)
			return false;
		*ret_ipv6 = view->data[0] >> 4 == 6;
		return true;
	}
	if (view->captured < ETHERNET_HEADER)
		return false;
	type = read16(view->data + ETHERNET_TYPE);
	*ret_ipv6 = type == ETHERNET_IPV6;
	return (type == ETHERNET_IPV4 || type == ETHERNET_IPV6) && view_skip(view, ETHERNET_HEADER);
}

bool segment_parse(struct segment *segment, const struct packet *packet)
{
	struct view view = {packet->bytes, packet->length, packet->length};
	bool ipv6 = false;
	size_t header;

	if (!skip_link(&view, packet->raw, &ipv6))
		return false;
	if (!(ipv6 ? skip_ipv6(&view) : skip_ipv4(&view)))
		return false;
	if (view.captured < TCP_HEADER)
		return false;
	header = (size_t)(view.data[12] >> 4) * 4;
	if (header < TCP_HEADER || header > view.captured)
		return false;

	memset(segment, 0, sizeof(*segment));
	segment->source = read16(view.data);
	segment->target = read16(view.data + 2);
	segment->sequence = read32(view.data + 4);
	segment->acknowledgement = read32(view.data + 8);
	segment->flags = view.data[13];
	segment->cookie = find_cookie(view.data + TCP_HEADER, header - TCP_HEADER);
	view_skip(&view, header);
	segment->payload = view.data;
	segment->length = view.length;
	segment->captured = view.captured;
	return true;
}
