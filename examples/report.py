#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connects and prints the report in JSON: the library from Python, by ctypes.

    report.py HOST PORT [CAFILE]
"""
import ctypes
import json
import sys

host, port, *cafile = [argument.encode() for argument in sys.argv[1:]]
tlsfo = ctypes.CDLL("libtlsfo.so.0")
tlsfo.tlsfo_conn_error.restype = ctypes.c_char_p
tlsfo.tlsfo_deadline_in.restype = ctypes.c_int64
config, conn = ctypes.c_void_p(), ctypes.c_void_p()

ret = tlsfo.tlsfo_config_new(ctypes.byref(config))
if ret == 0 and cafile:
    ret = tlsfo.tlsfo_config_set_ca_file(config, cafile[0])
if ret == 0:
    ret = tlsfo.tlsfo_conn_new(config, host, port, ctypes.byref(conn))
if ret == 0:
    deadline = ctypes.c_int64(tlsfo.tlsfo_deadline_in(ctypes.c_int64(5000)))
    ret = tlsfo.tlsfo_conn_open(conn, deadline)
if ret < 0:
    print(tlsfo.tlsfo_conn_error(conn).decode(), file=sys.stderr)
# Asked for its length first, as snprintf(3) is.
text = ctypes.create_string_buffer(max(tlsfo.tlsfo_conn_report_json(conn, None, 0) + 1, 1))
if tlsfo.tlsfo_conn_report_json(conn, text, ctypes.c_size_t(len(text))) > 0:
    print(json.dumps(json.loads(text.value), indent=2))
tlsfo.tlsfo_conn_free(conn)
tlsfo.tlsfo_config_free(config)
sys.exit(1 if ret < 0 else 0)
