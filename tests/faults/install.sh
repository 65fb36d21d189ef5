#!/bin/sh
# Installs what tests/faults breaks things with, on Debian 12, from Debian's own packages: strace stops or fails single
# system calls, faketime sets the clock of one program, libfiu makes writes come out short. Run as root; running it again
# changes nothing. No system service is started or enabled by this script.
set -eu

refuse() {
    echo "install.sh: $1" >&2
    exit 1
}

packages="strace faketime fiu-utils libfiu0 tzdata"

[ -r /etc/os-release ] || refuse "/etc/os-release is missing; these tests are run on Debian 12 only"
# shellcheck source=/dev/null
. /etc/os-release
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
    refuse "this is ${PRETTY_NAME:-an unknown system}; these tests are run on Debian 12 only"

missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "install.sh: every package is installed already"
    exit 0
fi
[ "$(id -u)" -eq 0 ] || refuse "installing$missing needs root; run: sudo sh tests/faults/install.sh"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

quietly() {
    "$@" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        refuse "this failed: $*"
    }
}

export DEBIAN_FRONTEND=noninteractive
quietly apt-get update
# shellcheck disable=SC2086 # the list is words on purpose
quietly apt-get install -y --no-install-recommends $missing
echo "install.sh: installed$missing"
