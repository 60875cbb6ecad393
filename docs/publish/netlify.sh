#!/bin/sh
# To Netlify, with its command line, which sends what changed and switches when all is there:
#   publish_command = "sh docs/publish/netlify.sh SITE_ID"
# NETLIFY_AUTH_TOKEN has to be set where the schedule runs.
set -eu
netlify deploy --prod --no-build --dir "$RELEASE" --site "$1" --message "$(basename "$RELEASE")"
