#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# With servers as Debian configures them an answer comes whole, however long it is or takes, though nothing is
# sent at the end of input: nginx, Node.js and gnutls-serv. Where an answer may be missing, the status is not 0.
#
#	answers.sh TOP TLSFO CERTS
set -u
top=$1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
tlsfo=$2
certs=$3
inside=${4-}
# shellcheck source=site.sh
. "$(dirname "$0")/site.sh"

children=
trap 'kill $children; kill "$(cat "$scratch/pid")"; rm -rf "$scratch"' EXIT

# Asks port $1 for the path $2 with the options that follow. The status is in $status.
ask()
{
	port=$1
	path=$2
	shift 2
	printf 'GET %s HTTP/1.0\r\nHost: www.example.org\r\n\r\n' "$path" |
		"$tlsfo" connect --no-store "$@" www.example.org "$port" >"$scratch/out" 2>"$scratch/errors"
	status=$?
}

expect_whole()
{
	ask "$@"
	sed '1,/^\r*$/d' "$scratch/out" | cmp -s - "$scratch/www/large.html" ||
		complain "port $1, $2: the answer is not whole: $(cat "$scratch/errors")"
	[ $status -eq 0 ] || complain "port $1, $2: status $status: $(cat "$scratch/errors")"
}

# Starts a server and returns when it has said the words $1.
serve()
{
	words=$1
	shift
	"$@" </dev/null >"$scratch/said" 2>&1 &
	children="$children $!"
	timeout 60 sed -u "/$words/q" <&3 >/dev/null || complain "$1 does not say '$words'"
}
rm -f "$scratch/said"
mkfifo "$scratch/said"
exec 3<>"$scratch/said"

for path in /large.html /proxied /slow; do
	expect_whole 443 "$path"
done

if command -v node >/dev/null 2>&1; then
	serve 'node listens' node -e '
		const fs = require("fs");
		const [certificate, key, file] = process.argv.slice(1);
		const page = fs.readFileSync(file);
		require("https").createServer({
			cert: fs.readFileSync(certificate), key: fs.readFileSync(key),
		}, (request, response) => {
			setTimeout(() => response.end(page), request.url === "/thinks" ? 4000 : 0);
		}).listen(8443, () => console.log("node listens"));' \
		"$scratch/cert.pem" "$scratch/key.pem" "$scratch/www/large.html"
	expect_whole 8443 /
	# Longer than the command takes to wonder.
	expect_whole 8443 /thinks
	grep -q 'half-close' "$scratch/errors" || complain "nothing is said of the server's silence"
	expect_whole 443 /thinks
	# It drops the answer at close_notify, and closes as if that were all.
	ask 8443 /thinks --half-close
	[ $status -eq 5 ] || complain "without an answer: status $status: $(cat "$scratch/errors")"
else
	printf 'There is no Node.js here to be asked.\n' >&2
fi

if command -v gnutls-serv >/dev/null 2>&1; then
	serve 'IPv4 .* port 8444' gnutls-serv --quiet --echo --port 8444 --x509certfile "$scratch/cert.pem" \
		--x509keyfile "$scratch/key.pem"
	serve 'IPv4 .* port 8445' gnutls-serv --quiet --http --port 8445 --httpdata="$scratch/www/large.html" \
		--x509certfile "$scratch/cert.pem" --x509keyfile "$scratch/key.pem"
	expect_whole 8445 /
	echo hello | "$tlsfo" connect -N --no-store www.example.org 8444 >"$scratch/out" 2>"$scratch/errors" ||
		complain "echo: status $?: $(cat "$scratch/errors")"
	grep -qx hello "$scratch/out" || complain 'echo: no answer'
fi
exit "$failed"
