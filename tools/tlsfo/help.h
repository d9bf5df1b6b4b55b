/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_HELP_H
#define TLSFO_COMMAND_HELP_H

/* Lines that the help texts of all subcommands that connect have in common. */

/* clang-format off */
#define HELP_TRUST_AND_TLS \
	"Trust:\n" \
	"  --cafile FILE           trust the certificates in FILE (PEM), not the system's\n" \
	"  --servername NAME       send and verify NAME instead of HOST\n" \
	"  --pin PIN               require a public key: its SHA-256 in base64; may be repeated\n" \
	"  --insecure              accept any certificate, with --pin any with such a key\n" \
	"  --cert FILE --key FILE  certificate to show when the server asks, and its key\n" \
	"  --key-password FILE     the key's password is the first line of FILE\n" \
	"TLS:\n" \
	"  --alpn LIST             application protocols to offer, separated by commas\n" \
	"  --priority STRING       versions and algorithms, a GnuTLS priority string\n"

#define HELP_ITSELF \
	"  -h, --help              print this text\n" \
	"  --version               print the version\n"
/* clang-format on */

#endif
