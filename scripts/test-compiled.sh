#!/usr/bin/env bash
# test-compiled.sh BIN: compile a copy of the sources and run the tests of the RADIUS server, and of what it is made of, on it.
set -eu
bin=$(cd "$1" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r src "$folder/src"
"$bin/python" scripts/compile.py "$folder/src"
export PYTHONPATH="$folder/src"
"$bin/python" -c 'import gate.radiusd.listener as tried; assert tried.__file__.endswith(".so"), tried.__file__'
# Left out: what shows something by putting another thing in a module's place, where compiled modules do not look.
inside="tests/gate/radiusd/service/test_sign_in.py::test_a_fault_met_by_one_sign_in_is_met_by_it_alone
tests/gate/radiusd/service/test_sign_in.py::test_a_fault_in_taking_a_packet_is_told_and_the_next_one_is_taken
tests/gate/radiusd/test_eap.py::test_a_question_the_sign_ins_let_drop_is_asked_again_by_the_next_copy
tests/gate/radiusd/test_guesses.py::test_no_more_are_remembered_than_may
tests/gate/radiusd/test_holding.py::test_past_the_bound_the_nearest_goes_early"
deselected=()
for name in $inside; do deselected+=(--deselect "$name"); done
"$bin/python" -m pytest "${deselected[@]}" \
    tests/gate/radiusd tests/gate/protocols/radius tests/gate/access tests/gate/accounting tests/e2e
