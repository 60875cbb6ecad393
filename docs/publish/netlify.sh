#!/bin/sh
# To Netlify, with its command line (netlify-cli), which sends what changed and switches when all is there:
#   publish_command = "sh netlify.sh SITE_ID"
# NETLIFY_AUTH_TOKEN has to be set where the schedule runs.
set -eu
stage=$(dirname "$RELEASE")/stage
rm -rf "$stage"
trap 'rm -rf "$stage"' EXIT

cp -al "$RELEASE" "$stage"
# Netlify takes these for settings, by which a page can be made another one: not what lesson writers put there.
rm -rf "$stage/_redirects" "$stage/_headers" "$stage/netlify.toml"
# Names in _static and in the folders of _search change with their content.
for names in _static _search/terms _search/cards; do
    printf '/%s/*\n  Cache-Control: public, max-age=31536000, immutable\n' "$names"
done > "$stage/_headers"
netlify deploy --prod --no-build --dir "$stage" --site "$1" --message "$(basename "$RELEASE")"
