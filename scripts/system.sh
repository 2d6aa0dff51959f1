# What the machine itself must have; sourced by setup.sh.
# shellcheck shell=bash

recent='import sys; sys.exit(sys.version_info < (3, 11))'
packages=()
reasons=()

say() { echo "setup: $*"; }

die() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

# Set $python to the first of these that starts and is 3.11 or later.
find_python() {
    local candidate
    for candidate in "$@"; do
        # A version manager answers for versions it has not selected: only one that starts counts.
        python=$(command -v "$candidate") && "$python" -c "$recent" 2>/dev/null && return
    done
    return 1
}

# Set $python to the interpreter to build the environment with.
choose_python() {
    if [ -n "${BALISE_PYTHON-}" ]; then
        command -v "$BALISE_PYTHON" >/dev/null || die "BALISE_PYTHON=$BALISE_PYTHON: no such command"
        find_python "$BALISE_PYTHON" || die \
            "BALISE_PYTHON=$BALISE_PYTHON is not Python 3.11 or later: $("$BALISE_PYTHON" -V 2>&1 || true)"
        return
    fi
    local candidates=(python3 python3.14 python3.13 python3.12 python3.11)
    find_python "${candidates[@]}" && return
    if command -v apt-get >/dev/null && ! command -v python3 >/dev/null; then
        need python3 "Python"
        install_missing
        find_python "${candidates[@]}" && return
    fi
    die "Balise needs Python 3.11 or later; this machine has $(python3 -V 2>&1 || echo none)." \
        "Debian 12 and Ubuntu 24.04 have it as python3; Ubuntu 22.04 has it beside its own:" \
        "  apt-get install python3.11 python3.11-venv python3.11-dev" \
        "An interpreter that stands elsewhere: BALISE_PYTHON=/path/to/python3.12 make setup"
}

# need PACKAGE WHY: note a Debian package to install.
need() {
    packages+=("$1")
    reasons+=("$1 ($2)")
}

# The Debian name of a part of the chosen Python: python3.11-venv, python3.12-dev…
part_of_python() {
    "$python" -c 'import sys; print("python%d.%d-" % sys.version_info[:2], end="")'
    echo "$1"
}

need_for_running() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need "$(part_of_python venv)" "virtual environments"
}

# What easysnmp is compiled with. Where it cannot be had, another engine stands in: no reason to end.
need_for_easysnmp() {
    local compiler=${CC:-cc}
    command -v "${compiler%% *}" >/dev/null || need gcc "a C compiler, for easysnmp"
    if ! command -v net-snmp-config >/dev/null || [ ! -e "$(net-snmp-config --prefix)/include/net-snmp/net-snmp-config.h" ]; then
        need libsnmp-dev "the headers of Net-SNMP, for easysnmp"
    fi
    "$python" -c 'import os, sys, sysconfig as s; sys.exit(not os.path.exists(s.get_path("include") + "/Python.h"))' ||
        need "$(part_of_python dev)" "the headers of Python, for easysnmp"
}

chromium_here() { command -v chromium >/dev/null; }

# Ubuntu's chromium is a snap, which a browser driver cannot start.
ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

need_for_tests() {
    [ -x /usr/sbin/snmpd ] || need snmpd "a real SNMP agent for the tests"
    command -v snmpget >/dev/null || need snmp "snmpget and snmpbulkwalk, to ask the simulator as others do"
    command -v rrdtool >/dev/null || need rrdtool "RRD files, to bring history in from"
    chromium_here || ubuntu || need chromium "a real browser for the tests"
    command -v soffice >/dev/null || need libreoffice-calc-nogui "LibreOffice, to open and save again what exports write"
    command -v git >/dev/null || need git "the list of the repository's files, for its laws"
}

elsewhere() {
    die "these are missing and only apt is known here: ${reasons[*]}" \
        "Fedora, RHEL: sudo dnf install python3.12 python3.12-devel gcc net-snmp-devel  (tests: net-snmp chromium)" \
        "macOS:        brew install python@3.12 net-snmp  (tests: --cask chromium)" \
        "Then run this again."
}

# Install what was noted, without starting Debian's own SNMP service.
install_missing() {
    [ ${#packages[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || elsewhere
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "missing: ${reasons[*]}" \
            "Neither root nor sudo here. As root: apt-get install --no-install-recommends ${packages[*]}"
        root=(sudo)
    fi
    say "installing with apt: ${reasons[*]}"
    "${root[@]}" bash -s -- "${packages[@]}" <<'ROOT' || die "apt could not install: ${packages[*]}"
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
guard=/usr/sbin/policy-rc.d
clean() { rm -f "$log"; [ -z "${ours-}" ] || rm -f "$guard"; }
trap clean EXIT
# Debian starts a service as it installs it; this file, while it is there, says no (101).
if [ ! -e "$guard" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
fi
{ apt-get update && apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
case " $* " in *" snmpd "*) update-rc.d snmpd disable >/dev/null 2>&1 || true ;; esac  # nor at the next start
ROOT
    packages=() reasons=()
}
