#!/usr/bin/env bash
# Writes requirements/*.txt: every package that pyproject.toml asks for, in one exact version, with
# the hashes of its files. Pins that still fit are kept; UPGRADE=1 takes the newest of everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v uv >/dev/null; then
    echo "make lock needs uv, which resolves the pins: python3 -m pip install uv" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# lock NAME SOURCE [OPTION…]: resolve SOURCE into requirements/NAME.txt.
lock() {
    local name=$1 source=$2
    shift 2
    [ -f "requirements/$name.txt" ] && cp "requirements/$name.txt" "$work/$name.txt"
    # No header and no index address: the files say nothing of the machine that made them.
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$@" \
        --output-file "$work/$name.txt" "$source" >/dev/null
    {
        echo "# Made by \`make lock\` from ${source/#"$work"*/pyproject.toml}: do not edit."
        grep -v '^# Made by' "$work/$name.txt"
    } >"requirements/$name.txt"
    echo "requirements/$name.txt: $(grep -c '^[a-zA-Z0-9].*==' "requirements/$name.txt") pins"
}

# The SNMP engines have files of their own: setup.sh takes the one that works on the machine.
lock runtime pyproject.toml --no-emit-package easysnmp
lock build requirements/build.in --constraint requirements/runtime.txt
lock dev pyproject.toml --extra dev --constraint requirements/runtime.txt --no-emit-package easysnmp
for engine in easysnmp gufo; do
    grep -oE "\"$engine(-snmp)?==[^\"]+\"" pyproject.toml | tr -d '"' >"$work/$engine.in"
    lock "$engine" "$work/$engine.in" --no-annotate
done
