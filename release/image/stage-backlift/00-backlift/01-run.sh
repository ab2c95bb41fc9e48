#!/bin/bash -e
# The station installs itself at the first start: its id is made from the card's own machine-id, which an image does not have yet.
install -d "${ROOTFS_DIR}/usr/share/backlift-first-boot"
install -m 644 files/backlift-station_*.deb "${ROOTFS_DIR}/usr/share/backlift-first-boot/"
install -m 644 files/backlift-first-boot.service "${ROOTFS_DIR}/etc/systemd/system/"
# As `backlift install` would write it: with the bus on from the first start, no second one is needed.
cat >> "${ROOTFS_DIR}/boot/firmware/config.txt" <<'LINES'

# The mat's bus, switched on by Back Lift Station.
[all]
dtparam=i2c_arm=on
dtparam=i2c_arm_baudrate=400000
LINES
on_chroot <<'CHROOT'
systemctl enable backlift-first-boot.service
CHROOT
