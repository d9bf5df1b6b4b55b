// SPDX-License-Identifier: LGPL-2.1-or-later
// The visit of visit.c in C++17: what was made gives itself back.
//
//	visit-cpp HOST PORT [CAFILE]
#include <array>
#include <iostream>
#include <memory>
#include <string_view>

#include <tlsfo/tlsfo.h>

template <auto function> struct call {
	template <typename type> void operator()(type *object) const { function(object); }
};
using config_ptr = std::unique_ptr<tlsfo_config, call<tlsfo_config_free>>;
using conn_ptr = std::unique_ptr<tlsfo_conn, call<tlsfo_conn_free>>;

int main(int argc, char **argv)
{
	constexpr std::string_view request = "GET / HTTP/1.0\r\n\r\n";
	const auto deadline = tlsfo_deadline_in(5000);
	std::array<char, 4096> buf;
	tlsfo_config *made = nullptr;
	tlsfo_conn *opened = nullptr;

	if (argc < 3 || tlsfo_config_new(&made) < 0)
		return 2;
	const config_ptr config(made);
	ssize_t ret = argc > 3 ? tlsfo_config_set_ca_file(config.get(), argv[3]) : 0;
	if (ret == 0)
		ret = tlsfo_conn_new(config.get(), argv[1], argv[2], &opened);
	const conn_ptr conn(opened);
	if (ret == 0)
		ret = tlsfo_conn_open(conn.get(), deadline);
	if (ret == 0)
		ret = tlsfo_conn_write(conn.get(), request.data(), request.size(), deadline);
	while (ret > 0 && (ret = tlsfo_conn_read(conn.get(), buf.data(), buf.size(), deadline)) > 0)
		std::cout.write(buf.data(), ret);
	if (ret < 0)
		std::cerr << tlsfo_conn_error(conn.get()) << '\n';
	return ret < 0;
}
