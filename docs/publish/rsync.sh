#!/bin/sh
# To a server of one's own, by rsync over ssh:
#   publish_command = "sh rsync.sh web.example.org /srv/course"
# There too a release is whole before one link, /srv/course/current, is switched to it, and five are kept.
# RSYNC_RSH says how the server is reached, as for rsync: RSYNC_RSH="ssh -p 2222".
set -eu
host=$1 folder=$2 name=$(basename "$RELEASE")
far="set -eu; cd '$folder'"
: "${RSYNC_RSH:=ssh -o BatchMode=yes}"
export RSYNC_RSH

$RSYNC_RSH "$host" "mkdir -p '$folder/releases'"
# What is the same as in the release that is shown is linked to it there, and not sent.
rsync --archive --delete --link-dest=../../current/ "$RELEASE/" "$host:$folder/releases/$name/"
$RSYNC_RSH "$host" "$far; ln -sfn 'releases/$name' current.part; mv -T current.part current
    ls releases | grep -vx '$name' | head -n -4 | while read -r old; do rm -rf \"releases/\$old\"; done"
