#!/usr/bin/env bash
# venv.sh PYTHON VENV LOCK: make VENV (where missing) and install LOCK and this package into it.
set -eu
python=$1 venv=$2 lock=$3
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "GATE needs Python 3.11 or newer; '$python' is not. Name one: make PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if [ ! -x "$venv/bin/pip" ]; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        # Debian splits venv from Python.
        sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo -n"
        echo "Installing python3-venv, which Debian keeps apart from Python"
        $sudo apt-get update -qq && $sudo apt-get install -y -qq python3-venv >/dev/null || {
            echo "Could not install it. Run: apt-get install python3-venv" >&2; exit 1; }
    fi
    echo "Making $venv"
    "$python" -m venv "$venv"
fi
echo "Installing $lock"
"$venv/bin/pip" install -qq --disable-pip-version-check --no-deps --require-hashes -r "$lock"
"$venv/bin/pip" install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
