#!/bin/bash
# Builds the guest of `make kernel-test`: Debian 12 with Debian's backported kernel and what
# pyproject.toml names as dependencies. Root; some minutes and 1.5 GB below FOLDER.
#
# Usage: tests/kernel/build.sh FOLDER
#
# Does nothing where that has been done for these scripts and this list of dependencies. The project
# itself is not in it: it is shared with the guest when that boots.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
python=${PYTHON:-python3}

# for the initrd: the root's disk and file system, and the share
early=(drivers/block/virtio_blk crypto/crc32c_generic lib/crc16 fs/mbcache fs/jbd2/jbd2 fs/ext4/ext4
    fs/netfs/netfs net/9p/9pnet fs/9p/9p net/9p/9pnet_virtio)

main() {
    dependencies >"$folder/dependencies"
    local wanted
    wanted=$(cat "$here/build.sh" "$here/guest/initrd-init" "$folder/dependencies" | sha256sum)
    if [ "$(cat "$folder/made-from" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    echo "Building a guest in $folder (some minutes) …"
    rm -rf "$folder"/{made-from,root,initrd,linux}
    fetch_kernel
    make_root
    make_initrd
    rm -f "$folder/root.img"
    truncate -s 1G "$folder/root.img"
    mke2fs -q -t ext4 -O ^has_journal -d "$folder/root" "$folder/root.img"
    rm -rf "$folder"/{root,initrd,linux}
    echo "$wanted" >"$folder/made-from"
}

dependencies() {
    "$python" - "$project/pyproject.toml" <<'PYTHON'
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["project"]["dependencies"], sep="\n")
PYTHON
}

fetch_kernel() {
    APT_CONFIG=$("$project/tools/backports.sh" "$folder/../apt")
    export APT_CONFIG
    local package
    package=$(apt-cache depends linux-image-amd64/bookworm-backports | awk '/Depends:/{print $2; exit}')
    mkdir -p "$folder/linux"
    (cd "$folder/linux" && apt-get download -qq "$package" && dpkg-deb -x ./*.deb . && rm ./*.deb)
    unset APT_CONFIG
    cp "$folder"/linux/boot/vmlinuz-* "$folder/vmlinuz"
}

make_root() {
    local mirror
    mirror=$(awk '/^URIs:/{print $2; exit}' /etc/apt/sources.list.d/debian.sources)
    debootstrap --variant=minbase --include=udev,systemd,systemd-sysv,dbus,kmod,iproute2,python3 \
        bookworm "$folder/root" "$mirror" >"$folder/debootstrap.log"
    copy_modules
    "$python" -m pip install -q --disable-pip-version-check --no-compile --no-warn-conflicts \
        --target "$folder/root/usr/local/lib/python3.11/dist-packages" \
        --python-version 3.11 --only-binary=:all: -r "$folder/dependencies"
    chroot "$folder/root" python3 -m compileall -q /usr/local/lib/python3.11 >/dev/null || true
    rm -rf "$folder"/root/{var/cache/apt,var/lib/apt/lists,usr/share/{doc,man,locale}}
    mkdir -p "$folder/root/mnt/run"
}

copy_modules() {
    local from="$folder/linux/lib/modules" version
    version=$(ls "$from")
    mkdir -p "$folder/root/lib/modules"
    cp -a "$from/$version" "$folder/root/lib/modules/"
    # a third of the image, and nothing that the guest has
    (cd "$folder/root/lib/modules/$version/kernel" &&
        rm -rf sound drivers/{media,staging,infiniband,iio,usb,hid,input,scsi,platform,hwmon,gpu} \
            drivers/{bluetooth,net/wireless} net/{bluetooth,mac80211,wireless})
    chroot "$folder/root" depmod -a "$version"
}

make_initrd() {
    local modules number=10
    modules=$(echo "$folder"/root/lib/modules/*/kernel)
    mkdir -p "$folder"/initrd/{bin,mod,proc,sys,dev,root}
    cp /bin/busybox "$folder/initrd/bin/"
    install -m 755 "$here/guest/initrd-init" "$folder/initrd/init"
    for name in "${early[@]}"; do
        xz -dc "$modules/$name.ko.xz" >"$folder/initrd/mod/$number-${name##*/}.ko"
        number=$((number + 1))
    done
    (cd "$folder/initrd" && find . | cpio -o -H newc 2>/dev/null | zstd -q -f -o "$folder/initrd.img")
}

main
