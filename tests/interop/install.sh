#!/bin/sh
# Installs the programs that tests/interop compares with, on Debian 12: the Go compiler with the library of the Go
# checksum database, and pymerkle (GPL) in an environment of its own, .venv/interop, where nothing of ours is. Run as
# root; running it again changes nothing.
set -eu

packages="golang-go golang-golang-x-mod-dev"
missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -n "$missing" ]; then
    [ "$(id -u)" -eq 0 ] || { echo "install.sh: installing$missing needs root" >&2; exit 1; }
    apt-get install --yes --no-install-recommends $missing
fi
[ -x .venv/interop/bin/python ] || "${PYTHON:-python3}" -m venv .venv/interop
.venv/interop/bin/python -c 'import pymerkle' 2>/dev/null ||
    .venv/interop/bin/python -m pip install --quiet --disable-pip-version-check 'pymerkle==7.0.0'
