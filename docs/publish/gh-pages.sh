#!/bin/sh
# To a branch that GitHub Pages, or another host of branches, serves:
#   publish_command = "sh gh-pages.sh git@github.com:someone/course.git gh-pages"
# The branch has one commit, the site as it is: a push replaces it as a whole. A domain of your own is a third argument.
set -eu
remote=$1 branch=${2:-gh-pages} domain=${3:-}
GIT_DIR=$(mktemp -d)
trap 'rm -rf "$GIT_DIR"' EXIT
export GIT_DIR GIT_WORK_TREE="$RELEASE" GIT_TERMINAL_PROMPT=0

git init --quiet
# What stands in the site is content, not settings of git: no file is changed, none left out.
echo '* -text -filter -ident' > "$GIT_DIR/info/attributes"
git add --all --force
# GitHub takes this file for a setting, by which readers are sent to another domain: not what lesson writers put there.
git rm --quiet --cached --ignore-unmatch CNAME
if [ -n "$domain" ]; then
    blob=$(echo "$domain" | git hash-object -w --stdin)
    git update-index --add --cacheinfo "100644,$blob,CNAME"
fi
git -c user.name=lesson-pipeline -c user.email=noreply@example.org -c commit.gpgSign=false \
    commit --quiet --message "$(basename "$RELEASE")"
git push --quiet --force "$remote" "HEAD:refs/heads/$branch"
