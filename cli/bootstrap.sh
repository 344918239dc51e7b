#!/bin/sh
# Finds a Python that is new enough and starts cli/bootstrap.py with it. `PYTHON=/path/to/python3`
# names one that is not on PATH. A shell script, because there may be no Python yet.
set -eu
cd "$(dirname "$0")/.."

found="python3 is missing"
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" cli/bootstrap.py "$@"
    fi
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
        || version="broken"
    found="$candidate is $version"
done

echo "error: Python 3.11 or newer is needed ($found): install it" \
    "(apt install python3 python3-venv, or brew install python) and put it on PATH." >&2
exit 1
