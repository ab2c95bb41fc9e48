#!/bin/sh
# `backlift` on a Pi where it is installed: with the station's config and socket, and as the service user whose data they are.
export BACKLIFT_CONFIG=/etc/backlift/station.toml RUNTIME_DIRECTORY=/run/backlift
program=/opt/backlift/current/bin/backlift
case "$1" in
    # These change the system, or write where the caller says: they stay who called them.
    install | uninstall | upgrade | logs | export | backup | mat | "") exec "$program" "$@" ;;
esac
if [ "$(id -u)" = 0 ]; then
    # As the station's unit has it: what is written into its folder (a restored database) is the dashboard's to read.
    umask 027
    exec runuser -u backlift -- "$program" "$@"
fi
exec "$program" "$@"
