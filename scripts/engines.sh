# Which SNMP engine this machine can have; sourced by setup.sh.
# shellcheck shell=bash

# Install the SNMP engines: easysnmp, compiled against this machine's libsnmp, and gufo-snmp, which
# comes compiled, where it is wanted or easysnmp does not build. What did not build is tried again
# when the compiler, the pins or the Python are others.
install_engines() {
    local stamp=.venv/.balise-easysnmp log=.venv/easysnmp.log print
    print=$(fingerprint easysnmp; command -v ${CC:-cc} net-snmp-config || true)
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

pip_easysnmp() {
    .venv/bin/python -m pip --disable-pip-version-check install --require-hashes --no-build-isolation --requirement requirements/easysnmp.txt
}

# The line of a log of pip that says why, short.
why_not() {
    { grep -m1 -E "fatal error:|error: [Cc]ommand|Error: " "$1" || tail -n 1 "$1"; } |
        sed -E "s/^ *//; s/^error: [Cc]ommand '(\['?)?([^' ]*).*/\2 fails/" | cut -c 1-140
}
