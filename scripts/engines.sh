# Which SNMP engine this machine can have; sourced by setup.sh.
# shellcheck shell=bash

# Install the SNMP engines: easysnmp, compiled against this machine's libsnmp, and gufo-snmp, which
# comes compiled, where it is wanted or easysnmp does not build. What did not build is tried again
# when the compiler, the pins or the Python are others.
install_engines() {
    local stamp=.venv/.balise-easysnmp log=.venv/easysnmp.log print
    print=$(fingerprint easysnmp; sha256sum <"${BASH_SOURCE[0]}"; command -v ${CC:-cc} net-snmp-config || true)
    if [[ $(cat "$stamp" 2>/dev/null) != @(built|refused)" $print" ]]; then
        if pip_easysnmp >"$log" 2>&1 && .venv/bin/python -c 'import collectors.netsnmp' >>"$log" 2>&1; then
            echo "built $print" >"$stamp"
        else
            say "easysnmp does not build here ($(why_not "$log")): gufo-snmp is used instead; all of it: $log"
            echo "refused $print" >"$stamp"
        fi
    fi
    [ -n "$gufo" ] || [[ $(cat "$stamp") != built* ]] || return 0
    install_pins gufo || die "neither easysnmp nor gufo-snmp can be installed: Balise has no SNMP engine"
}

# For each value of an answer easysnmp writes three lines of log that nobody reads, a fifth of the time
# of a GET: they are taken out before it is compiled.
pip_easysnmp() {
    local place=.venv/easysnmp pip=(.venv/bin/python -m pip --disable-pip-version-check)
    rm -rf "$place" # what a build that failed left
    mkdir "$place" || return
    "${pip[@]}" download --require-hashes --no-deps --no-binary easysnmp --no-build-isolation --dest "$place" \
        --requirement requirements/easysnmp.txt || return
    tar -xzf "$place"/easysnmp-*.tar.gz -C "$place" || return
    sed -i '/^static void py_log_msg(.*\.\.\.)$/,/^}/ s/^    PyErr_Fetch/    if (log_level == DEBUG)\n        return;\n&/' \
        "$place"/easysnmp-*/easysnmp/interface.c || return
    "${pip[@]}" install --force-reinstall --no-deps --no-build-isolation "$place"/easysnmp-*/ || return
    rm -rf "$place"
}

# The line of a log of pip that says why, short.
why_not() {
    { grep -m1 -E "fatal error:|error: [Cc]ommand|Error: " "$1" || tail -n 1 "$1"; } |
        sed -E "s/^ *//; s/^error: [Cc]ommand '(\['?)?([^' ]*).*/\2 fails/" | cut -c 1-140
}
