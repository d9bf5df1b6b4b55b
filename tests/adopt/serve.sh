#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One of Debian's servers with TLS, in the foreground, as adopt-visits wants it. For a root of tools/root.
#
#	serve.sh nginx|postfix|unbound|chronyd SCRATCH CERTS [PROGRAM]
#
# What stands for the answer is one TLS record that is longer than any ticket: a page, a greeting, a text.
set -u
server=$1
scratch=$2
certificate=$3/server.pem
key=$3/server-key.pem
mkdir -p "$scratch" && cd "$scratch" || exit

case $server in
nginx)
	yes 'A page that takes one record.' | head -c 8000 >index.html
	cat >nginx.conf <<-CONF
		daemon off; master_process off; pid $scratch/pid; error_log /dev/null;
		events {}
		http {
			access_log off;
			client_body_temp_path $scratch/body; proxy_temp_path $scratch/proxy; fastcgi_temp_path $scratch/fcgi;
			uwsgi_temp_path $scratch/uwsgi; scgi_temp_path $scratch/scgi;
			server {
				listen [::]:443 ssl ipv6only=off;
				ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate $certificate; ssl_certificate_key $key;
				root $scratch;
			}
		}
	CONF
	exec nginx -e /dev/null -c "$scratch/nginx.conf"
	;;
postfix)
	# What it writes below /etc is gone with the mount namespace.
	mkdir etc && mount -t tmpfs tmpfs etc && cp -a /etc/. etc/ && mount --bind etc /etc || exit
	postconf -e "smtpd_tls_cert_file=$certificate" "smtpd_tls_key_file=$key" 'myhostname=server.test' \
		'smtpd_tls_security_level=may' 'maillog_file=/dev/stdout' 'mynetworks=0.0.0.0/0 [::]/0' \
		'default_transport=discard:' 'local_transport=discard:' 'local_recipient_maps=' 'inet_protocols=all' \
		"smtpd_banner=\$myhostname ESMTP $(yes greeting | head -n 50 | tr '\n' ' ')"
	postconf -M 'smtps/inet=smtps inet n - n - - smtpd' 'smtp/inet=smtp inet n - n - - smtpd'
	postconf -P 'smtps/inet/smtpd_tls_wrappermode=yes'
	exec postfix start-fg
	;;
unbound)
	cat >unbound.conf <<-CONF
		server:
			interface: 0.0.0.0@853
			interface: ::0@853
			access-control: 0.0.0.0/0 allow
			access-control: ::0/0 allow
			tls-service-key: $key
			tls-service-pem: $certificate
			chroot: ""
			username: ""
			pidfile: "$scratch/pid"
			use-syslog: no
			local-data: 'long.test. TXT "$(yes text | head -n 48 | tr '\n' ' ')" "$(yes more | head -n 48 | tr '\n' ' ')"'
	CONF
	exec unbound -dd -c "$scratch/unbound.conf"
	;;
chronyd)
	cat >chrony.conf <<-CONF
		local stratum 1
		allow
		cmdport 0
		bindcmdaddress /
		pidfile $scratch/pid
		ntsserverkey $key
		ntsservercert $certificate
	CONF
	exec "$4" -d -x -u root -f "$scratch/chrony.conf"
	;;
esac
