#!/bin/sh
# Builds build/deb/priemnaya_VERSION_ARCH.deb: a private environment under /usr/lib/priemnaya made with Debian's Python 3.11,
# the units, an example of the settings, and the list of what is inside. Needs dpkg-deb; nothing is installed on this machine.
#   sh deploy/deb.sh PIP WHEEL      (make deb)
set -eu
pip=$1 wheel=$2
python=${DEB_PYTHON:-/usr/bin/python3}
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "The package is for Debian 12, whose Python is 3.11. Name one with: make deb DEB_PYTHON=/path/to/python3.11" >&2; exit 1; }
version=$(basename "$wheel" | cut -d- -f2)
arch=$(dpkg --print-architecture)
here=deploy/debian
tree=build/deb/tree
lib=usr/lib/priemnaya
doc=$tree/usr/share/doc/priemnaya

rm -rf "$tree" && mkdir -p "$tree/usr/lib" "$tree/DEBIAN"
# --copies would freeze Debian's interpreter; the link keeps its security updates
"$python" -m venv --without-pip "$tree/$lib"
"$pip" --python "$tree/$lib/bin/python" install --disable-pip-version-check --quiet --no-deps --no-compile --only-binary :all: -r requirements.lock
"$pip" --python "$tree/$lib/bin/python" install --disable-pip-version-check --quiet --no-deps --no-compile "$wheel"
# scripts and pyvenv.cfg name the place where the package will lie, not where it was built
ln -sf /usr/bin/python3 "$tree/$lib/bin/python3"
grep -rlI "$PWD/$tree" "$tree/$lib/bin" "$tree/$lib/pyvenv.cfg" | xargs -r sed -i "s#$PWD/$tree##g"
find "$tree/$lib/bin" -not -name 'python*' -not -name priemnaya -not -type d -delete  # other people's commands
rm -f "$tree/$lib/lib64"
find "$tree/$lib" -name __pycache__ -prune -exec rm -rf {} +
# no part of a running program: the libraries' own tests, and what their build left behind
for package in numpy scipy sklearn joblib; do
  find "$tree/$lib"/lib/python3.11/site-packages/$package -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
done
find "$tree/$lib" -name '*.la' -delete
find "$tree/$lib" \( -name direct_url.json -o -name REQUESTED \) -delete
find "$tree/$lib/lib" -type f -perm /111 -not -name '*.so*' -exec chmod a-x {} +
find "$tree/$lib/lib" -type f -name '*.so*' -exec chmod 644 {} +

install -D -m 644 deploy/*.service deploy/*.timer -t "$tree/lib/systemd/system"
install -D -m 644 deploy/priemnaya.sysusers "$tree/usr/lib/sysusers.d/priemnaya.conf"
install -D -m 644 deploy/priemnaya.tmpfiles "$tree/usr/lib/tmpfiles.d/priemnaya.conf"
install -D -m 640 deploy/priemnaya.example.toml "$tree/etc/priemnaya/priemnaya.toml"
install -D -m 644 deploy/drop-ins/*.conf -t "$doc/drop-ins"
install -D -m 644 deploy/prometheus/*.yml -t "$doc/prometheus"
install -D -m 644 deploy/grafana/*.json -t "$doc/grafana"
install -D -m 644 README.md README.ru.md CHANGELOG.md -t "$doc"
install -D -m 644 docs/*.md docs/*.png -t "$doc/docs"  # where the links of README lead
install -D -m 644 $here/copyright "$doc/copyright"
install -D -m 644 $here/lintian-overrides "$tree/usr/share/lintian/overrides/priemnaya"
install -D -m 755 $here/priemnaya "$tree/usr/bin/priemnaya"
sed "s/@VERSION@/$version/" $here/changelog | gzip -9n > "$doc/changelog.gz"
"$tree/$lib/bin/python" deploy/sbom.py > "$doc/sbom.json"
"$tree/$lib/bin/python" -I -m commands.manual "$tree/usr/share"
find "$tree/$lib" -name __pycache__ -prune -exec rm -rf {} +

size=$(du -sk "$tree" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" $here/control > "$tree/DEBIAN/control"
install -m 644 $here/conffiles $here/templates "$tree/DEBIAN"
install -m 755 $here/config $here/postinst $here/prerm $here/postrm "$tree/DEBIAN"
(cd "$tree" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
find "$tree" -type d -exec chmod 755 {} +
# the same bytes for the same commit
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s) \
  dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "build/deb/priemnaya_${version}_$arch.deb" >/dev/null
echo "build/deb/priemnaya_${version}_$arch.deb"
