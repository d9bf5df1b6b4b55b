/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path_nginx.h"

void path_need_nginx(void)
{
	program_need("nginx");
	program_widen_path();
}

void path_start_nginx(struct path *path, const char *more, struct path_nginx *ret_nginx)
{
	struct program *program = &ret_nginx->program;
	char conf[128];

	program_nginx_prepare(program, PATH_NGINX_PORT, more, conf, sizeof(conf));
	const char *const argv[] = {
		"nginx", "-e", "/dev/null", "-p", program->dir, "-c", conf, NULL};
	assert_int_equal(lab_spawn(path->lab, LAB_SERVER, argv, -1, -1, -1, &ret_nginx->pid), 0);
	assert_int_equal(lab_wait_listen(path->lab, LAB_SERVER, PATH_NGINX_PORT,
				 lab_deadline(PATH_PATIENCE_MS)),
		0);
}

void path_stop_nginx(struct path *path, struct path_nginx *nginx)
{
	lab_stop(path->lab, nginx->pid);
	program_stop(&nginx->program);
}

struct tlsfo_report path_ask_nginx(struct path *path)
{
	static const char request[] = "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n";
	struct tlsfo_conn *conn = NULL;
	char back[8];
	int ret = client_connect_first(path->config, path->host, PATH_NGINX_PORT, request,
		sizeof(request) - 1, TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, back, sizeof(back));
	assert_memory_equal(back, "HTTP/1.1", sizeof(back));
	struct tlsfo_report report = client_report(conn);
	/* The server may have hung up. */
	(void)tlsfo_conn_close(conn, tlsfo_deadline_in(PATH_PATIENCE_MS));
	return report;
}
