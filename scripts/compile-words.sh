#!/usr/bin/env bash
# Compiles the translations whose source is newer than their compiled form, which Balise reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

shopt -s nullglob
for source in core/locale/*/LC_MESSAGES/*.po plugins/*/locale/*/LC_MESSAGES/*.po; do
    compiled=${source%.po}.mo
    [ "$source" -nt "$compiled" ] || continue
    # Whoever reads meanwhile sees the whole of the old one or of the new one.
    .venv/bin/pybabel --quiet compile --input-file "$source" --output-file "$compiled.$$.mo"
    mv "$compiled.$$.mo" "$compiled"
done
