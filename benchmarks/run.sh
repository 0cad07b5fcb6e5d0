#!/usr/bin/env bash
# run.sh BIN [OPTIONS]: every benchmark in turn with BIN/python; OPTIONS (--quick) go to each. Fails if a result was wrong.
set -u
bin=$(cd "${1:?usage: run.sh VENV/bin [--quick]}" && pwd) || exit 2
shift
cd "$(dirname "$0")" || exit 2
failed=0
for bench in radius.py rest_api.py; do
    echo "== $bench" >&2
    "$bin/python" "$bench" "$@" || failed=1
done
exit $failed
