#!/usr/bin/env bash
# Collects the source strings into the translation files: those of core and collectors into
# core/locale, those of each rubric into its own, examples included. What no longer stands in the code is dropped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pybabel=$PWD/.venv/bin/pybabel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# collect LOCALE SOURCE…: extract from the sources, update every language of the folder.
collect() {
    local locale=$1 language file
    shift
    "$pybabel" --quiet extract --mapping scripts/messages.cfg --keyword _ --keyword N_ \
        --keyword ngettext:1,2 --no-location --sort-output --output-file "$work/messages.pot" "$@"
    for language in en; do
        file=$locale/$language/LC_MESSAGES/messages.po
        if [ ! -e "$file" ]; then
            mkdir -p "$(dirname "$file")"
            cat >"$file" <<HEADER
msgid ""
msgstr ""
"Project-Id-Version: Balise\n"
"Report-Msgid-Bugs-To: \n"
"Last-Translator: \n"
"Language-Team: \n"
"Language: $language\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
HEADER
        fi
        # A guessed translation is worse than a missing one, which shows the French.
        "$pybabel" --quiet update --input-file "$work/messages.pot" --output-file "$file" \
            --locale "$language" --ignore-obsolete --ignore-pot-creation-date --no-fuzzy-matching
        # Dates and versions would change the file when no string has.
        sed --in-place '/^"\(POT-Creation-Date\|PO-Revision-Date\|Generated-By\): /d' "$file"
        echo "$file: $(grep -c '^msgid' "$file") strings, $(missing "$file") without translation"
    done
}

missing() {
    .venv/bin/python - "$1" <<'PYTHON'
import sys
from babel.messages.pofile import read_po

with open(sys.argv[1], "rb") as file:
    print(sum(not all([m.string] if isinstance(m.string, str) else m.string) for m in read_po(file) if m.id))
PYTHON
}

shopt -s nullglob
collect core/locale core collectors
for rubric in plugins/*/plugin.py examples/*/*/plugin.py; do
    collect "$(dirname "$rubric")/locale" "$(dirname "$rubric")"
done
scripts/compile-words.sh
