#!/bin/bash
# Installs what some targets need of Debian: what `make test` needs, or those named. PostgreSQL and
# mariadb are for `make race`, pciutils has the lspci of bench/discovery.py, systemd its checker of
# units, strace shows what a program asks of the kernel, prometheus tries alerts and dashboard, podman
# what container runtimes are told; zsh tries completion, graphviz and chromium look at pictures; qemu and debootstrap are for `make kernel-test`.
#
# Usage: tools/install_system.sh [NAME …]
#
# Does nothing where they are installed. Needs root only where they are not.
set -euo pipefail

declare -A packages=(
    [postgresql]=postgresql
    [systemd]=systemd
    [strace]=strace
    [prometheus]=prometheus
    [podman]="podman runc busybox-static"
    [mariadb]=mariadb-server
    [pciutils]=pciutils
    [zsh]=zsh
    [graphviz]=graphviz
    [chromium]="chromium fonts-dejavu-core"
    [qemu]=qemu-system-x86
    [debootstrap]="debootstrap busybox-static cpio e2fsprogs xz-utils zstd"
)

is_installed() {
    case $1 in
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        systemd) are_there systemd-analyze ;;
        strace) are_there strace ;;
        prometheus) are_there prometheus promtool ;;
        podman) are_there podman runc busybox ;;
        mariadb) are_there mariadbd || [ -x /usr/sbin/mariadbd ] ;;
        zsh) are_there zsh ;;
        graphviz) are_there dot ;;
        chromium) are_there chromium ;;
        pciutils) are_there lspci || [ -x /usr/bin/lspci ] ;;
        # igb, a card with SR-IOV, came with QEMU 8
        qemu) qemu-system-x86_64 -device help 2>/dev/null | grep -q '"igb"' ;;
        debootstrap) [ -x /usr/sbin/debootstrap ] && [ -x /bin/busybox ] && are_there cpio xz zstd ;;
        *) echo "$0: no recipe for $1; known: ${!packages[*]}" >&2; exit 2 ;;
    esac
}

are_there() {
    for program in "$@"; do
        command -v "$program" >/dev/null || return
    done
}

missing=()
[ $# -gt 0 ] || set -- postgresql systemd strace prometheus zsh
for name in "$@"; do
    is_installed "$name" || missing+=("$name")
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
install=(apt-get install -y -qq --no-install-recommends)
apt-get update -qq
for name in "${missing[@]}"; do
    if [ "$name" = qemu ] && grep -q ^12 /etc/debian_version; then
        # Debian 12 itself has QEMU 7
        configuration=$("$(dirname "$0")/backports.sh" "$(dirname "$0")/../build/apt")
        APT_CONFIG=$configuration "${install[@]}" -t bookworm-backports qemu-system-x86
    else
        # shellcheck disable=SC2086  # several words are meant
        "${install[@]}" ${packages[$name]}
    fi
done
