#!/bin/sh
# Installs what tests/hardware signs with, on Debian 12, from Debian's own packages: SoftHSM, a PKCS #11 module without
# hardware; OpenSSH's agent and its helper for FIDO tokens; and a compiler for a FIDO token without hardware. Run as root;
# running it again changes nothing. No system service is started or enabled by this script.
set -eu

refuse() {
    echo "install.sh: $1" >&2
    exit 1
}

packages="softhsm2 openssh-client gcc libc6-dev libssl-dev"

[ "$(id -u)" -eq 0 ] || refuse "installing packages needs root; run: sudo sh tests/hardware/install.sh"
[ -r /etc/os-release ] || refuse "/etc/os-release is missing; this is tested on Debian 12 only"
# shellcheck source=/dev/null
. /etc/os-release
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
    refuse "this is ${PRETTY_NAME:-an unknown system}; this is tested on Debian 12 only"

missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "install.sh: every package is installed already"
    exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

quietly() {
    "$@" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        refuse "this failed: $*"
    }
}

export DEBIAN_FRONTEND=noninteractive
quietly apt-get update
# shellcheck disable=SC2086 # the list is words on purpose
quietly apt-get install -y --no-install-recommends $packages
echo "install.sh: installed$missing"
