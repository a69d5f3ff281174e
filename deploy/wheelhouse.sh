#!/bin/sh
# Collects all that an installation without an index needs into build/wheelhouse, with checksums and the list of contents:
#   python3 -m venv /opt/priemnaya && (cd wheelhouse && sha256sum -c SHA256SUMS)
#   /opt/priemnaya/bin/pip install --no-index --find-links wheelhouse --require-hashes -r wheelhouse/requirements.lock
#   /opt/priemnaya/bin/pip install --no-index --no-deps wheelhouse/priemnaya-*.whl
#   sh deploy/wheelhouse.sh PIP WHEEL      (make wheelhouse)
set -eu
pip=$1 wheel=$2
place=build/wheelhouse
rm -rf "$place" && mkdir -p "$place"
"$pip" download --disable-pip-version-check --quiet --no-deps --only-binary :all: --require-hashes -r requirements.lock -d "$place"
cp "$wheel" requirements.lock "$place"
# the list is made by an environment that was installed from this very folder, which also proves that nothing is missing
rm -rf build/wheelhouse-proof && "${pip%pip}python" -m venv build/wheelhouse-proof
build/wheelhouse-proof/bin/pip install --disable-pip-version-check --quiet --no-index --find-links "$place" --require-hashes -r "$place/requirements.lock"
build/wheelhouse-proof/bin/pip install --disable-pip-version-check --quiet --no-index --no-deps "$place"/priemnaya-*.whl
build/wheelhouse-proof/bin/python deploy/sbom.py > "$place/sbom.json"
rm -rf build/wheelhouse-proof
(cd "$place" && sha256sum * > SHA256SUMS)
echo "$place: $(ls "$place" | grep -c whl) wheels, $(du -sh "$place" | cut -f1)"
