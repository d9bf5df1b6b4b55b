/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab_internal.h"
#include "ladder.h"

/* The picture is drawn without the lock: rows and connections are copies. */
static int read_model(
	struct lab *lab, const struct lab_ladder *ladder, struct ladder_model *ret_model)
{
	int result;

	pthread_mutex_lock(&lab->wire.lock);
	result = ladder_model_read(&lab->wire.trace, ladder, lab->wire.settings.rtt_ns, ret_model);
	pthread_mutex_unlock(&lab->wire.lock);
	return result;
}

int lab_ladder_text(struct lab *lab, FILE *file, const struct lab_ladder *ladder)
{
	static const struct lab_ladder all = {.connection = LAB_ALL};
	struct ladder_model model;
	int result = read_model(lab, ladder ? ladder : &all, &model);

	if (result < 0)
		return result;

	result = ladder_draw_text(&model, file, ladder && ladder->ascii);
	ladder_model_clear(&model);
	return result;
}
