#!/bin/sh
# For Raspberry Pi OS bookworm, which has no cloud-init: copy this file and the .deb of a release onto the boot partition, and append to
# the one line of cmdline.txt there:
#     systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target
# User, Wi-Fi and host name are set by Raspberry Pi Imager as usual.
set -u
log=/boot/firmware/firstrun.log
{
    sed -i 's| systemd\.[^ ]*||g' /boot/firmware/cmdline.txt
    dpkg --install /boot/firmware/backlift-station_*_arm64.deb
} >"$log" 2>&1
rm -f /boot/firmware/firstrun.sh
exit 0
