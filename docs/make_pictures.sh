#!/usr/bin/env bash
# The pictures of the documentation, from the demo course as it is built now. Needs chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/doit >/dev/null
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run \
    --disable-background-networking --user-data-dir="$profile" --window-size=1100,760 \
    --screenshot=docs/lesson.png "file://$PWD/output/01_ky_tu_va_byte/lesson_2_utf_8.html" 2>/dev/null
