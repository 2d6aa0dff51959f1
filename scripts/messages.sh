#!/usr/bin/env bash
# Collects the source strings into the translation files: those of core and collectors into
# core/locale, those of each rubric into its own. What no longer stands in the code is dropped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pybabel=$PWD/.venv/bin/pybabel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# collect LOCALE SOURCE…: extract from the sources, update every language of the folder.
collect() {
    local locale=$1 language
    shift
    "$pybabel" --quiet extract --keyword _ --keyword N_ --keyword ngettext:1,2 --no-location \
        --sort-output --omit-header --output-file "$work/messages.pot" "$@"
    for language in en; do
        if [ -e "$locale/$language/LC_MESSAGES/messages.po" ]; then
            "$pybabel" --quiet update --input-file "$work/messages.pot" --output-dir "$locale" \
                --locale "$language" --ignore-obsolete --omit-header --no-fuzzy-matching
        else
            "$pybabel" --quiet init --input-file "$work/messages.pot" --output-dir "$locale" --locale "$language"
        fi
    done
}

collect core/locale core collectors
for rubric in plugins/*/plugin.py; do
    collect "$(dirname "$rubric")/locale" "$(dirname "$rubric")"
done
