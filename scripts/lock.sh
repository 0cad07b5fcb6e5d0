#!/usr/bin/env bash
# lock.sh BIN: resolve pyproject.toml into requirements/*.lock, with hashes and without naming any index.
set -eu
bin=$1
compile() { "$bin/uv" pip compile --quiet --universal --python-version "${python:-3.11}" --generate-hashes --no-emit-index-url --no-emit-find-links \
    --no-header --no-annotate "$@"; }
compile pyproject.toml requirements/build.in -o requirements/runtime.lock
compile pyproject.toml requirements/build.in --extra dev -c requirements/runtime.lock -o requirements/dev.lock
compile pyproject.toml --extra bench -c requirements/dev.lock -o requirements/bench.lock
compile requirements/fuzz.in -o requirements/fuzz.lock
# Says it needs 3.12; tests/pyrad2_peer.py tells how it runs under 3.11.
python=3.12 compile requirements/peers.in -o requirements/peers.lock
