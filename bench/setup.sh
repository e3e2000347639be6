#!/bin/sh
# Installs the peers of the benchmark on Debian and Ubuntu: clang and lld 19, Rust with its target for WebAssembly, the newest Node.js. Python 3 is
# expected, wasmtime comes by itself. The benchmark runs without any of them, and says what it left out.
set -eu
if [ "$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi
if ! command -v clang-19 >/dev/null; then
  $sudo apt-get update
  $sudo apt-get install --yes --no-install-recommends clang-19 lld-19
fi
# Rustup's compiler takes targets; Debian's has them as a package.
if command -v rustup >/dev/null; then
  rustup target add wasm32-unknown-unknown
elif ! command -v rustc >/dev/null; then
  $sudo apt-get install --yes --no-install-recommends rustc libstd-rust-dev-wasm32 lld
fi
npm ci --prefix "$(dirname "$0")"
