#!/bin/sh
# For make test-long: a minimal Debian 12 in build/servers/debian, from which machines with systemd are booted. Needs root.
set -eu
place=build/servers/debian
[ -x "$place/sbin/init" ] && command -v systemd-nspawn lintian >/dev/null && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "The package is tested on a machine of its own, which needs root: sudo make test-long" >&2
  exit 1
fi
echo 'Making an empty Debian to boot (once) …'
apt-get update -qq
RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap systemd-container lintian >/dev/null
rm -rf "$place.part"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3,ca-certificates,tzdata bookworm "$place.part" >/dev/null
rm -rf "$place.part"/var/cache/apt/archives/*.deb
mv "$place.part" "$place"
