#!/bin/sh
# Sets up the servers of the tests: Debian packages, as root; otherwise names the one command to run.
# A mail server would replace the host's own, so exim is unpacked into build/servers and run from there.
set -eu
installed="dovecot-imapd postgresql clamav-daemon systemd chromium iproute2 faketime"
unpacked="exim4-daemon-light libidn12 libnss-wrapper isync rspamd libluajit-5.1-2 libhyperscan5
  cyrus-imapd cyrus-common libical3 libxapian30 libzephyr4 libjansson4 libpcre3
  libsasl2-modules libsasl2-modules-db sasl2-bin
  courier-imap courier-base courier-authlib courier-authlib-userdb libcourier-unicode4 libgamin0 libltdl7
  postfix opensmtpd"
place=build/servers

missing=""
for package in $installed; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
absent=""
for package in $unpacked; do
  [ -d "$place/$package" ] || absent="$absent $package"
done
[ -n "$missing$absent" ] || exit 0

if [ "$(id -u)" != 0 ] && [ -n "$missing" ]; then
  echo "The tests need these Debian packages. Run once: sudo apt-get install$missing" >&2
  exit 1
fi
echo "Fetching the test servers (once):$missing$absent"
if [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  # Nothing of the host is started: the tests start servers of their own, on free ports of loopback
  [ -z "$missing" ] || RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
mkdir -p "$place/debs"
cd "$place/debs"
for package in $absent; do
  apt-get download -qq -o APT::Sandbox::User=root "$package" >/dev/null
  dpkg-deb -x "$package"_*.deb "../$package.part"
  mv "../$package.part" "../$package"
done
