#!/bin/sh
# Installs what the faults are made with, from the distribution (Debian 12, as root).
set -eu
missing=""
for program in strace faketime unshare; do
    command -v "$program" > /dev/null || missing=yes
done
[ -z "$missing" ] && exit 0
apt-get update --quiet
DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends strace faketime util-linux
