#!/bin/bash
# Installs what some targets need of Debian: what `make test` needs, or those named. PostgreSQL and
# mariadb are for `make race`, pciutils has the lspci of bench/discovery.py, systemd its checker of
# units, strace shows what a program asks of the kernel, prometheus tries alerts and dashboard.
#
# Usage: tools/install_system.sh [postgresql] [systemd] [strace] [prometheus] [mariadb] [pciutils]
#
# Does nothing where they are installed. Needs root only where they are not.
set -euo pipefail

known="postgresql, systemd, strace, prometheus, mariadb, pciutils"

is_installed() {
    case $1 in
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        mariadb) command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] ;;
        pciutils) command -v lspci >/dev/null || [ -x /usr/bin/lspci ] ;;
        systemd) command -v systemd-analyze >/dev/null ;;
        strace) command -v strace >/dev/null ;;
        prometheus) command -v prometheus >/dev/null && command -v promtool >/dev/null ;;
        *)
            echo "$0: no recipe for $1; known: $known" >&2
            exit 2
            ;;
    esac
}

missing=()
[ $# -gt 0 ] || set -- postgresql systemd strace prometheus
for name in "$@"; do
    is_installed "$name" || missing+=("${name/%mariadb/mariadb-server}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "$0: this is no Debian: install ${missing[*]} by hand" >&2
    exit 1
fi
# nothing may start by itself: the tests make servers of their own, in folders of their own
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
