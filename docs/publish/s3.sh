#!/bin/sh
# To an S3 bucket, with the AWS command line:
#   publish_command = "sh s3.sh s3://bucket/course"
# A bucket has no switch. So what pages show comes first, then the pages, and what is gone goes last.
set -eu
to=${1%/} tab=$(printf '\t')
stage=$(dirname "$RELEASE")/stage
rm -rf "$stage"
trap 'rm -rf "$stage"' EXIT

mkdir "$stage"
while IFS=$tab read -r kind path; do
    if [ "$kind" != gone ]; then
        mkdir -p "$stage/$(dirname "$path")"
        ln "$RELEASE/$path" "$stage/$path"
    fi
done < "$CHANGES"

put() { aws s3 cp --recursive --only-show-errors "$stage" "$to" "$@"; }
# Names in _static and in the folders of _search change with their content.
put --exclude '*' --include '_static/*' --include '_search/*/*' --cache-control 'public, max-age=31536000, immutable'
put --exclude '_static/*' --exclude '_search/*/*' --exclude '*.html' --cache-control no-cache
put --exclude '*' --include '*.html' --cache-control no-cache

while IFS=$tab read -r kind path; do
    if [ "$kind" = gone ]; then aws s3 rm --only-show-errors "$to/$path"; fi
done < "$CHANGES"
