#!/bin/bash
# Makes an apt configuration in FOLDER that knows Debian 12's backports too, and reads their lists.
#
# Usage: APT_CONFIG=$(tools/backports.sh FOLDER) apt-get …
#
# The machine's own sources stay as they are: what is installed from here is asked for by name.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
sources=/etc/apt/sources.list.d/debian.sources
if [ ! -e "$sources" ]; then
    echo "$0: no $sources: QEMU 8 or newer and its kernel have to be installed by hand" >&2
    exit 1
fi
mkdir -p "$folder"/{lists/partial,archives/partial}
sed -E '/^Suites:/ s/\bbookworm-updates\b/& bookworm-backports/' "$sources" >"$folder/debian.sources"
cat >"$folder/apt.conf" <<CONF
Dir::Etc::sourcelist "$folder/debian.sources";
Dir::Etc::sourceparts "-";
Dir::State::lists "$folder/lists";
Dir::Cache::pkgcache "$folder/pkgcache.bin";
Dir::Cache::srcpkgcache "$folder/srcpkgcache.bin";
Dir::Cache::archives "$folder/archives";
Acquire::Languages "none";
CONF
APT_CONFIG=$folder/apt.conf apt-get update -qq >&2
echo "$folder/apt.conf"
