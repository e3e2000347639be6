#!/bin/bash
# Builds the image, pushes it to a registry and registers it with Data Flow:
#
#     hosts/dataflow/deploy/publish.sh <registry, or user of Docker Hub> <version> [http://<Data Flow>:9393]
#
# Data Flow takes the tag for the version of the app, and refuses one that it has.
set -euo pipefail
[ "$#" -ge 2 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
image=$1/timestamp-router:$2
cd "$(dirname "$0")/../../.."

metadata=$(npm run -s metadata)
docker build --build-arg METADATA="$metadata" --tag "timestamp-router:$2" .
docker tag "timestamp-router:$2" "$image"
docker push "$image"
if [ "$#" -ge 3 ]; then
  curl --fail-with-body --silent --show-error --data-urlencode "uri=docker:$image" --data bootVersion=3 "$3/apps/app/timestamp-router"
else
  echo "app register --type app --name timestamp-router --uri docker:$image --bootVersion 3"
fi
