#!/bin/sh
# Fetch the vendored JavaScript into core/web/assets (and axe-core, for tests) again: pinned versions, checked sums.
# plotly.js must be the version inside the installed plotly.py (a test compares them): after
# an upgrade of plotly, change the version and the sums here, run this, commit the result.
set -eu

PLOTLY=4.1.1
PLOTLY_SUM=ea907f854b6cec4f6a2fa71540ec019a21ed2c61e6a109ddd5c072103a96eed0
AXE=4.14.1
AXE_SUM=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745
LOCALES=3.7.0
LOCALES_SUM=a68c0419ccb3b3f875b273afbb01ec93988c12731225e9ac546bd278d457f677

assets=$(cd "$(dirname "$0")/../core/web/assets" && pwd)
tests=$(cd "$(dirname "$0")/../tests/e2e/vendor" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fetch() { # name version sum
  npm pack --silent "$1@$2" >/dev/null
  echo "$3  $1-$2.tgz" | sha256sum --check --quiet
  mkdir "$1" && tar -xzf "$1-$2.tgz" -C "$1" --strip-components=1
}

fetch plotly.js-basic-dist-min "$PLOTLY" "$PLOTLY_SUM"
cp plotly.js-basic-dist-min/plotly-basic.min.js "$assets/lazy/plotly-basic.min.js"
cp plotly.js-basic-dist-min/LICENSE "$assets/licences/plotly.txt"

# The locale is a CommonJS module; plotly.js registers what it finds in window.PlotlyLocales.
fetch plotly.js-locales "$LOCALES" "$LOCALES_SUM"
{
  echo "/* plotly.js-locales $LOCALES, fr.js (MIT, see licences/plotly.txt). */"
  echo "(function () {"
  echo "var module = {};"
  cat plotly.js-locales/fr.js
  echo "window.PlotlyLocales = (window.PlotlyLocales || []).concat(module.exports);"
  echo "})();"
} > "$assets/55-plotly-locale-fr.js"
fetch axe-core "$AXE" "$AXE_SUM"
cp axe-core/axe.min.js "$tests/axe.min.js"
cp axe-core/LICENSE "$tests/axe-LICENSE.txt"
echo "plotly.js $PLOTLY, locales $LOCALES, axe-core $AXE"
