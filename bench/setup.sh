#!/bin/sh
# Installs the peers of the benchmark on Debian and Ubuntu: clang and lld 19, Rust with its target for WebAssembly, the newest Node.js,
# and the Kafka clients librdkafka and @platformatic/kafka. Python 3, Go, a JDK and Maven are expected; wasmtime, the clients of Python and Go, Kafka
# Streams and Spring Cloud Stream come by themselves. The benchmarks run without any of them, and say what they left out.
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
if ! pkg-config --exists rdkafka; then
  $sudo apt-get install --yes --no-install-recommends gcc libc6-dev librdkafka-dev pkg-config
fi
npm ci --prefix "$(dirname "$0")"
