#!/bin/sh
# Installs the programs that tests/interop compares with, on Debian 12: the Go compiler with the library of the Go
# checksum database; qpdf and Poppler, which read PDF; pymerkle, the checkers and players of web archives, readers of
# link charts, and a driver of chromium, each in an environment of its own below .venv/, where nothing of ours is (several are under the GPL or AGPL,
# and their pins clash). Run as root; running it again changes nothing.
set -eu

packages="golang-go golang-golang-x-mod-dev chromium openssl graphviz libreoffice-calc-nogui qpdf poppler-utils"
missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -n "$missing" ]; then
    [ "$(id -u)" -eq 0 ] || { echo "install.sh: installing$missing needs root" >&2; exit 1; }
    apt-get install --yes --no-install-recommends $missing
fi

# environment NAME PACKAGE==VERSION...: makes .venv/NAME with these packages, unless it has them already.
environment() {
    folder=.venv/$1
    shift
    [ -x "$folder/bin/python" ] || "${PYTHON:-python3}" -m venv "$folder"
    [ "$(cat "$folder/installed" 2>/dev/null || true)" = "$*" ] && return
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$folder/installed"
}

environment interop pymerkle==7.0.0
environment interop-wacz wacz==0.6.0 authsign==0.6.1 cdxj-indexer==1.5.0 warcio==1.8.1 fastwarc==2.0.1
environment interop-warcat warcat==2.2.5
environment interop-signing wacz-signing==0.4.2
environment interop-pywb pywb==2.10.0
environment interop-browser playwright==1.65.0
environment interop-anx anxwritter==1.25.0
environment interop-igraph igraph==1.0.0
environment interop-kuzu kuzu==0.11.3
environment interop-ndex2 ndex2==3.12.0
environment interop-stix stix2-validator==3.2.0  # later ones come without their schemas
environment interop-ftm followthemoney==4.11.2
environment interop-tulip tulip-python==6.0.0

# The schema of GraphML bears no licence and is not kept here; it lies in JGraphT, which is unpacked and never run: it is
# made for an older Python.
schemas=.venv/interop-jgrapht
if [ ! -e "$schemas/jgrapht/libjgrapht_capi.so" ]; then
    "${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --python-version 3.8 --platform manylinux2010_x86_64 --dest "$schemas" jgrapht==1.5.0.3
    "${PYTHON:-python3}" -m zipfile -e "$schemas"/jgrapht-*.whl "$schemas"
fi

# node and npm may come from elsewhere than Debian.
if ! command -v npm >/dev/null; then
    apt-get install --yes --no-install-recommends nodejs npm
fi
node=.venv/interop-node
mkdir -p "$node"
if ! cmp -s tests/interop/package.json "$node/package.json" || [ ! -d "$node/node_modules/graphology-gexf" ]; then
    cp tests/interop/package.json "$node/package.json"
    (cd "$node" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
fi
