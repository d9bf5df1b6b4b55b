/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab_internal.h"

#include "reason.h"
#include "sysctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { MTU_DEFAULT = 1500, MTU_LEAST = 1280, MTU_MOST = 9000, QUEUE_DEFAULT = 1000 };
enum { TRACE_DEFAULT = 64 << 20, MILLISECONDS_MOST = 60000 };

static bool is_probability(double value)
{
	return value >= 0 && value <= 1;
}

static bool is_duration(double milliseconds)
{
	return milliseconds >= 0 && milliseconds <= MILLISECONDS_MOST;
}

static uint64_t to_ns(double milliseconds)
{
	return (uint64_t)(milliseconds * 1e6);
}

static bool options_valid(const struct lab_options *options)
{
	return is_duration(options->rtt_ms) && is_duration(options->jitter_ms) &&
	       is_probability(options->loss) && is_probability(options->reorder) &&
	       options->mtu >= MTU_LEAST && options->mtu <= MTU_MOST &&
	       options->path_mtu <= MTU_MOST && options->queue_packets > 0;
}

static struct lab_options with_defaults(const struct lab_options *given)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;

	if (given)
		options = *given;
	if (!options.mtu)
		options.mtu = MTU_DEFAULT;
	if (!options.queue_packets)
		options.queue_packets = QUEUE_DEFAULT;
	if (!options.trace_bytes)
		options.trace_bytes = TRACE_DEFAULT;
	return options;
}

static struct wire_settings settings_of(const struct lab_options *options)
{
	struct wire_settings settings = {
		.rtt_ns = to_ns(options->rtt_ms),
		.jitter_ns = to_ns(options->jitter_ms),
		.loss = options->loss,
		.reorder = options->reorder,
		.seed = options->seed,
		.path_mtu = options->path_mtu,
		.too_big_silent = options->too_big_silent,
		.queue_packets = options->queue_packets,
	};

	return settings;
}

/* For the box that changes keys; nothing can be reported from inside the wire. */
static void change_key(void *context)
{
	(void)lab_change_server_key(context);
}

static int fill(struct lab *lab, const struct lab_options *options, struct lab_reason *reason)
{
	struct wire_settings settings = settings_of(options);
	int result;

	if (options->evidence) {
		lab->evidence = strdup(options->evidence);
		if (!lab->evidence)
			return reason_set(reason, ENOMEM, "no room for a lab");
	}
	result = wire_init(&lab->wire, &settings, options->trace_bytes);
	if (result < 0)
		return reason_set(reason, -result, "cannot make the wire");

	lab->wire.chain.change_server_key = change_key;
	lab->wire.chain.context = lab;
	result = namespaces_make(&lab->namespaces, options, lab->wire.tun, reason);
	if (result < 0)
		return result;

	result = wire_start(&lab->wire);
	if (result < 0)
		return reason_set(reason, -result, "cannot start the wire");
	return 0;
}

/* What the kernel says where it does not allow or does not have what the lab is made of. */
static bool is_refusal(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
	case EROFS:
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case ENOSYS:
	case ENOSPC:
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EUSERS:
		return true;
	default:
		return false;
	}
}

int lab_new(const struct lab_options *given, struct lab **ret_lab, struct lab_reason *ret_reason)
{
	struct lab_options options = with_defaults(given);
	struct lab_reason unwanted = {.text = ""};
	struct lab_reason *reason = ret_reason ? ret_reason : &unwanted;
	struct lab *lab;
	int result;

	reason->text[0] = '\0';
	if (!options_valid(&options))
		return reason_set(reason, EINVAL, "option out of range");

	lab = calloc(1, sizeof(*lab));
	if (!lab)
		return reason_set(reason, ENOMEM, "no room for a lab");

	lab->namespaces = (struct namespaces)NAMESPACES_CLOSED;
	lab->wire.tun[LAB_CLIENT] = -1;
	lab->wire.tun[LAB_SERVER] = -1;
	lab->wire.wakeup = -1;
	lab->passed = true;
	children_init(&lab->children);
	result = fill(lab, &options, reason);
	if (result < 0) {
		lab_free(lab);
		return is_refusal(-result) ? LAB_SKIP : result;
	}

	lab->passed = false;
	*ret_lab = lab;
	return 0;
}

struct lab *lab_new_or_exit(const struct lab_options *options)
{
	struct lab *lab = NULL;
	struct lab_reason reason;
	int result = lab_new(options, &lab, &reason);

	if (result == 0)
		return lab;

	fprintf(stderr, "%s: no lab: %s\n", result == LAB_SKIP ? "skipped" : "failed", reason.text);
	exit(result == LAB_SKIP ? (int)LAB_EXIT_SKIP : 1);
}

static void write_evidence(struct lab *lab)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s.pcap", lab->evidence);
	(void)lab_write_pcap(lab, LAB_CLIENT, path);
	snprintf(path, sizeof(path), "%s.txt", lab->evidence);
	file = fopen(path, "we");
	if (!file)
		return;

	(void)lab_ladder_text(lab, file, NULL);
	fclose(file);
}

void lab_free(struct lab *lab)
{
	if (!lab)
		return;

	children_clear(&lab->children);
	if (lab->evidence && !lab->passed)
		write_evidence(lab);
	wire_clear(&lab->wire);
	namespaces_close(&lab->namespaces);
	free(lab->evidence);
	free(lab);
}

void lab_passed(struct lab *lab)
{
	pthread_mutex_lock(&lab->wire.lock);
	lab->passed = true;
	pthread_mutex_unlock(&lab->wire.lock);
}

/* ------------------------------------------------------------------------------- the wire -- */

static void set(struct lab *lab, double *setting, double value)
{
	pthread_mutex_lock(&lab->wire.lock);
	*setting = value;
	pthread_mutex_unlock(&lab->wire.lock);
}

static void set_ns(struct lab *lab, uint64_t *setting, double milliseconds)
{
	pthread_mutex_lock(&lab->wire.lock);
	*setting = to_ns(milliseconds);
	pthread_mutex_unlock(&lab->wire.lock);
}

int lab_set_rtt(struct lab *lab, double milliseconds)
{
	if (!is_duration(milliseconds))
		return -EINVAL;
	set_ns(lab, &lab->wire.settings.rtt_ns, milliseconds);
	return 0;
}

int lab_set_jitter(struct lab *lab, double milliseconds)
{
	if (!is_duration(milliseconds))
		return -EINVAL;
	set_ns(lab, &lab->wire.settings.jitter_ns, milliseconds);
	return 0;
}

int lab_set_loss(struct lab *lab, double probability)
{
	if (!is_probability(probability))
		return -EINVAL;
	set(lab, &lab->wire.settings.loss, probability);
	return 0;
}

int lab_set_reorder(struct lab *lab, double probability)
{
	if (!is_probability(probability))
		return -EINVAL;
	set(lab, &lab->wire.settings.reorder, probability);
	return 0;
}

int lab_set_path_mtu(struct lab *lab, unsigned bytes, bool silent)
{
	if (bytes > MTU_MOST)
		return -EINVAL;

	pthread_mutex_lock(&lab->wire.lock);
	lab->wire.settings.path_mtu = bytes;
	lab->wire.settings.too_big_silent = silent;
	pthread_mutex_unlock(&lab->wire.lock);
	return 0;
}

double lab_rtt(struct lab *lab)
{
	double milliseconds;

	pthread_mutex_lock(&lab->wire.lock);
	milliseconds = (double)lab->wire.settings.rtt_ns / 1e6;
	pthread_mutex_unlock(&lab->wire.lock);
	return milliseconds;
}

void lab_set_seed(struct lab *lab, uint64_t seed)
{
	pthread_mutex_lock(&lab->wire.lock);
	lab->wire.settings.seed = seed;
	lab->wire.ways[LAB_CLIENT].sent = 0;
	lab->wire.ways[LAB_SERVER].sent = 0;
	pthread_mutex_unlock(&lab->wire.lock);
}

int lab_change_server_key(struct lab *lab)
{
	uint32_t key[4];
	char text[40];
	int length;

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return -EIO;

	length =
		snprintf(text, sizeof(text), "%08x-%08x-%08x-%08x", key[0], key[1], key[2], key[3]);
	if (pwrite(lab->namespaces.server_key, text, (size_t)length, 0) < 0)
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------------------- the boxes -- */

int lab_add_box(struct lab *lab, const char *box)
{
	int result;

	pthread_mutex_lock(&lab->wire.lock);
	result = chain_add(&lab->wire.chain, box);
	pthread_mutex_unlock(&lab->wire.lock);
	return result;
}

int lab_add_own_box(struct lab *lab, const struct lab_box *kind, unsigned long argument)
{
	int result;

	pthread_mutex_lock(&lab->wire.lock);
	result = chain_add_kind(&lab->wire.chain, kind, argument);
	pthread_mutex_unlock(&lab->wire.lock);
	return result;
}

int lab_switch_box(struct lab *lab, int number, bool on)
{
	struct chain *chain = &lab->wire.chain;
	int result = -ENOENT;

	pthread_mutex_lock(&lab->wire.lock);
	if (number >= 0 && (size_t)number < chain->count) {
		chain->boxes[number].on = on;
		result = 0;
	}
	pthread_mutex_unlock(&lab->wire.lock);
	return result;
}

void lab_clear_boxes(struct lab *lab)
{
	pthread_mutex_lock(&lab->wire.lock);
	chain_clear(&lab->wire.chain);
	pthread_mutex_unlock(&lab->wire.lock);
}
