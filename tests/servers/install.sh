#!/bin/sh
# Installs the real servers that tests/servers collects from: WordPress and MediaWiki, on Debian 12, from Debian's own
# packages. Run as root; running it again changes nothing. No system service is started or enabled by this script.
set -eu

refuse() {
    echo "install.sh: $1" >&2
    exit 1
}

# One web server package satisfies the dependency on "httpd"; it is never started (the tests use PHP's own server).
# The database is mariadb-server-core: programs without a system service. The theme is only a recommendation of wordpress.
packages="wordpress wordpress-theme-twentytwentythree mediawiki mariadb-server-core mariadb-client lighttpd
    php php8.2-cgi php-cli php-mysql php-sqlite3 php-mbstring php-xml php-intl php-gd"

[ "$(id -u)" -eq 0 ] || refuse "installing packages needs root; run: sudo sh tests/servers/install.sh"
[ -r /etc/os-release ] || refuse "/etc/os-release is missing; these servers are tested on Debian 12 only"
# shellcheck source=/dev/null
. /etc/os-release
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
    refuse "this is ${PRETTY_NAME:-an unknown system}; these servers are tested on Debian 12 only"

missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "install.sh: every package is installed already"
    exit 0
fi

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

export DEBIAN_FRONTEND=noninteractive
quietly apt-get update
# shellcheck disable=SC2086 # the list is words on purpose
quietly apt-get install -y --no-install-recommends $packages
echo "install.sh: installed$missing"
