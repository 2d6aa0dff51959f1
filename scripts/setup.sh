#!/usr/bin/env bash
# Makes .venv/bin/balise work on a bare machine; does nothing, quickly, where it works already.
#
#   scripts/setup.sh          what running Balise needs
#   scripts/setup.sh --test   that, and what its checks and tests need
#   scripts/setup.sh --gufo   that, and gufo-snmp, the SNMP engine for the largest fleets
#
# BALISE_PYTHON names the interpreter to use; PIP_* variables reach pip as they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/system.sh
source scripts/engines.sh

wanted=runtime gufo=
case "${1-}" in
    "") ;;
    --test) wanted=dev gufo=yes ;;
    --gufo) gufo=yes ;;
    *) die "usage: scripts/setup.sh [--test | --gufo]" ;;
esac

# Digest of what an environment is made from: other pins or another Python fill it again.
fingerprint() {
    { cat requirements/build.txt "requirements/$1.txt"; .venv/bin/python -VV; } | sha256sum
}

# True when the virtual environment starts, is recent enough, and stands where it was made: its
# commands hold its path.
usable() {
    [ -x .venv/bin/python ] && .venv/bin/python -c "$recent" 2>/dev/null || return 1
    [ "$(cat .venv/.balise-place 2>/dev/null || pwd -P)" = "$(pwd -P)" ] || return 1
    [ -z "${BALISE_PYTHON-}" ] || [ "$(.venv/bin/python -VV)" = "$("$python" -VV)" ]
}

make_environment() {
    if ! usable; then
        [ ! -e .venv ] || say "the environment in .venv is broken, was moved or has another Python: making it anew"
        rm -rf .venv
        "$python" -m venv .venv
        pwd -P >.venv/.balise-place
    elif ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        .venv/bin/python -m ensurepip >/dev/null
    fi
}

pip() {
    .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install "$@"
}

# Install the pins of one requirements file.
install_pins() {
    local stamp=".venv/.balise-$1" print
    print=$(fingerprint "$1")
    [ "$(cat "$stamp" 2>/dev/null)" != "$print" ] || return 0
    say "installing $(grep -c '^[a-zA-Z0-9].*==' "requirements/$1.txt") pinned packages ($1)"
    pip --require-hashes --requirement requirements/build.txt || return
    pip --require-hashes --no-build-isolation --requirement "requirements/$1.txt" || return
    echo "$print" >"$stamp"
}

# Install Balise itself, in place, when what it declares of itself has changed.
install_balise() {
    local stamp=.venv/.balise-self print
    print=$(sha256sum pyproject.toml)
    [ "$(cat "$stamp" 2>/dev/null)" != "$print" ] || [ ! -x .venv/bin/balise ] || return 0
    pip --no-deps --no-build-isolation --editable .
    echo "$print" >"$stamp"
}

# Where no package of the system holds Chromium (Ubuntu), Playwright brings its own.
fetch_browser() {
    chromium_here || .venv/bin/playwright install --with-deps chromium
}

choose_python
[ "$wanted" = runtime ] || need_for_tests
need_for_running
install_missing
need_for_easysnmp
(install_missing) || true  # said already; easysnmp will not build, and that is said too
packages=() reasons=()

# A set-up that was cut short leaves no stamp, so the next one goes on where it stopped.
make_environment
[ "$wanted" = runtime ] && [ -e .venv/.balise-dev ] && wanted=dev
[ ! -e .venv/.balise-gufo ] || gufo=yes
install_pins "$wanted"
install_engines
install_balise
scripts/compile-words.sh
[ "$wanted" = runtime ] || fetch_browser
