# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# In a network namespace of the check's own www.example.org is an nginx whose certificate the system's trust
# store knows. It has a page of 8 kB, and one of 320 kB: /large.html, /proxied, /slow (100 kB a second) and
# /thinks, which is what a server on port 8443 says. Sourced by a check that has set certs, the directory of the test CA, and inside to its
# last argument: the check is run a second time then, in the namespace. Skipped (77) where that is not
# permitted, or there is no nginx. The check's files are in $scratch.
PATH=$PATH:/usr/sbin:/sbin:${TLSFO_TEST_PATH-}

skip()
{
	printf 'skipped: %s\n' "$*" >&2
	exit 77
}

if [ "${inside?}" != inside ]; then
	command -v nginx >/dev/null 2>&1 || skip 'there is no nginx'
	command -v certtool >/dev/null 2>&1 || skip 'there is no certtool'
	[ -f /etc/ssl/certs/ca-certificates.crt ] || skip 'there is no trust store to be covered'
	user=-r
	[ "$(id -u)" -ne 0 ] || user=
	# shellcheck disable=SC2086 # none, or one
	unshare $user --net --mount true 2>/dev/null || skip 'no namespaces are permitted'
	# shellcheck disable=SC2086
	exec unshare $user --net --mount sh "$0" "$@" inside
fi

scratch=$(mktemp -d)
trap '[ ! -s "$scratch/pid" ] || kill "$(cat "$scratch/pid")"; rm -rf "$scratch"' EXIT

mkdir "$scratch/www"
for page in index.html=200 large.html=8000; do
	yes 'A page that takes more than one record.' | head -n "${page#*=}" >"$scratch/www/${page%=*}"
	printf 'The end.\n' >>"$scratch/www/${page%=*}"
done
printf 'cn = "www.example.org"\ndns_name = "www.example.org"\ntls_www_server\nexpiration_days = 2\n' \
	>"$scratch/template"
{
	certtool --generate-privkey --key-type=ecdsa --outfile "$scratch/key.pem" &&
		certtool --generate-certificate --load-privkey "$scratch/key.pem" \
			--load-ca-certificate "${certs?}/ca.pem" --load-ca-privkey "${certs?}/ca-key.pem" \
			--template "$scratch/template" --outfile "$scratch/cert.pem"
} >"$scratch/said" 2>&1 || complain "certtool: $(cat "$scratch/said")"
printf '127.0.0.1 localhost www.example.org\n' >"$scratch/hosts"
{
	ip link set lo up && echo 0x403 >/proc/sys/net/ipv4/tcp_fastopen &&
		mount --bind "$scratch/hosts" /etc/hosts &&
		mount --bind "${certs?}/ca.pem" /etc/ssl/certs/ca-certificates.crt
} >"$scratch/said" 2>&1 || skip "$(cat "$scratch/said")"
cat >"$scratch/nginx.conf" <<CONF
user root root;
master_process off;
pid $scratch/pid;
error_log /dev/null;
events {}
http {
	access_log off;
	client_body_temp_path $scratch/a;
	proxy_temp_path $scratch/b;
	fastcgi_temp_path $scratch/c;
	uwsgi_temp_path $scratch/d;
	scgi_temp_path $scratch/e;
	ssl_protocols TLSv1.2 TLSv1.3;
	server {
		listen 443 ssl;
		ssl_certificate $scratch/cert.pem;
		ssl_certificate_key $scratch/key.pem;
		ssl_early_data on;
		root $scratch/www;
		location = /proxied { proxy_pass https://127.0.0.1/large.html; }
		location = /slow {
			rewrite ^ /large.html break;
			limit_rate 100k;
		}
		location = /thinks { proxy_pass https://127.0.0.1:8443/thinks; }
	}
}
CONF
# It goes into the background when it listens.
nginx -e /dev/null -p "$scratch" -c "$scratch/nginx.conf" || complain 'nginx does not start'

