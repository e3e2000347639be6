#!/bin/bash
# Builds the image without Docker and runs it as Kubernetes would under a strict policy: its own user, no capabilities, a read-only root, the
# app as process 1. Checks the probes, the log and the end by SIGTERM.
# Needs: root, buildah, debootstrap, curl, npm. Usage: test/image/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=chroot
image=timestamp-router:test
port=$(node_modules/.bin/node -e 'import("./hosts/demo/broker/ports.ts").then(async ({ freePorts }) => console.log(...(await freePorts(1))))')
work=$(mktemp -d)
container=
app=
finish() {
  [ -n "$app" ] && kill -KILL "$app" 2>/dev/null
  [ -n "$container" ] && buildah rm "$container" >/dev/null
  rm -rf "$work"
}
trap finish EXIT

buildah inspect --type image node:24-bookworm-slim >/dev/null 2>&1 || bash test/image/base.sh

# A machine that reaches the package registry through a certificate authority of its own lends it to the build; nothing of it stays.
mounts=()
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -e "$authorities" ]; then
  printf 'cafile=%s\n' "$authorities" >"$work/npmrc"
  mounts+=(--volume "$authorities:$authorities:ro" --volume "$work/npmrc:/usr/local/etc/npmrc:ro")
fi
buildah bud --quiet --pull-never "${mounts[@]}" --build-arg METADATA="$(npm run -s metadata)" --tag "$image" . >/dev/null

container=$(buildah from --pull-never "$image")
root=$(buildah mount "$container")
command=$(buildah inspect --type image --format '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}' "$image")
user=$(buildah inspect --type image --format '{{.OCIv1.Config.User}}' "$image")
buildah inspect --type image "$image" | node_modules/.bin/node test/image/labels.ts
[ "$user" = 1000:1000 ] || { echo "the image's user is $user"; exit 1; }

unshare --mount --pid --ipc --fork --kill-child=KILL bash -c '
  root=$0 command=$1 port=$2
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t tmpfs tmpfs "$root/tmp"
  mount -o remount,bind,ro "$root"
  cd "$root"
  exec chroot --userspec=1000:1000 --groups= . env -i PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production \
    sh -c "cd /app && exec $command --server.port=$port --server.address=127.0.0.1 --spring.cloud.stream.kafka.binder.brokers=127.0.0.1:1"
' "$root" "$command" "$port" >"$work/log" 2>&1 &
namespace=$!
for _ in $(seq 100); do curl -fs "http://127.0.0.1:$port/actuator/info" >"$work/info" && break; sleep 0.1; done
app=$(pgrep -P "$namespace")
echo "info:   $(cat "$work/info")"
echo "health: $(curl -fs "http://127.0.0.1:$port/actuator/health")"
status=/proc/$app/status
echo "process: $(awk '/^Uid/ {u = $2} /^CapEff/ {c = $2} /^NSpid/ {p = $NF} END {print "uid " u ", capabilities " c ", process " p}' "$status")"
grep -q '^Uid:\s*1000' "$status" && grep -q '^CapEff:\s*0*$' "$status" && grep -q '^NSpid:.*\s1$' "$status"
grep -qE '^[^ ]+ / [^ ]+ ro|^[^ ]+ / [^ ]+ ro,' "/proc/$app/mounts" || { echo "the root is writable"; cat "/proc/$app/mounts"; exit 1; }

kill -TERM "$app"
wait "$namespace" && code=0 || code=$?
app=
tail -n 2 "$work/log"
[ "$code" = 0 ] || { echo "exit code $code"; cat "$work/log"; exit 1; }
size=$(buildah images --format '{{.Size}}' "$image")
echo "The image works: $size, exit code 0 after SIGTERM."
