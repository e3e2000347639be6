/** The tags that all meters have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { config, type Env } from "./config-checks.ts";

function tags(args: readonly string[], env: Env = {}): Readonly<Record<string, string>> {
  return config(args, env).metricsTags;
}

test("an app that stands alone has Data Flow's tags, and says that it does not know", () => {
  assert.deepEqual(tags([]), {
    "stream.name": "unknown",
    application: "unknown-unknown-unknown",
    "application.name": "unknown",
    "application.type": "unknown",
    "application.guid": "unknown",
    "instance.index": "0",
  });
});

test("without tags of its own the app takes them from what Data Flow and the platform say of it", () => {
  const env = { SPRING_CLOUD_APPLICATION_GUID: "7f0c-1" };
  const stream = "--spring.cloud.dataflow.stream";
  assert.deepEqual(
    tags([`${stream}.name=times`, `${stream}.app.label=router`, `${stream}.app.type=app`, "--spring.cloud.stream.instanceIndex=3"], env),
    {
      "stream.name": "times",
      application: "times-router-app",
      "application.name": "router",
      "application.type": "app",
      "application.guid": "7f0c-1",
      "instance.index": "3",
    },
  );
});

test("the tags that Data Flow's server sets are taken, placeholders and all", () => {
  const json = {
    "management.metrics.tags.application":
      "${spring.cloud.dataflow.stream.name:unknown}-${spring.cloud.dataflow.stream.app.label:unknown}-x",
    "management.metrics.tags.application.guid": "${spring.cloud.application.guid:unknown}",
    "management.metrics.tags.instance.index": "${vcap.application.instance_index:${spring.cloud.stream.instanceIndex:0}}",
    "management.metrics.tags.service": "stream-application",
    "spring.cloud.application.guid": "times.router-v1-0",
    "spring.cloud.dataflow.stream.name": "times",
    "spring.cloud.stream.instanceIndex": "2",
  };
  const found = tags([], { SPRING_APPLICATION_JSON: JSON.stringify(json) });
  assert.equal(found["application"], "times-unknown-x");
  assert.equal(found["application.guid"], "times.router-v1-0");
  assert.equal(found["instance.index"], "2");
  assert.equal(found["service"], "stream-application");
});

test("the name of an environment variable has underscores for a tag's dots", () => {
  const found = tags([], { MANAGEMENT_METRICS_TAGS_STREAM_NAME: "times", MANAGEMENT_METRICS_TAGS_REGION: "north" });
  assert.equal(found["stream.name"], "times");
  assert.equal(found["region"], "north");
});

test("in other sources a tag's name is as it is written", () => {
  const found = tags([
    "--management.metrics.tags.data_center=eu",
    "--management.metrics.tags.ownTag=1",
    "--management.metrics.tags[a_b]=2",
  ]);
  assert.deepEqual([found["data_center"], found["data.center"], found["ownTag"], found["a_b"]], ["eu", undefined, "1", "2"]);
});

test("of two sources that have a tag the first one counts", () => {
  const env = {
    MANAGEMENT_METRICS_TAGS_STREAM_NAME: "variable",
    SPRING_APPLICATION_JSON: '{"management.metrics.tags.stream.name":"json"}',
  };
  assert.equal(tags(["--management.metrics.tags.stream.name=option"], env)["stream.name"], "option");
  assert.equal(tags([], env)["stream.name"], "json");
});
