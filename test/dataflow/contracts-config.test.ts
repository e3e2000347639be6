/** Whatever the platform and its way to tell, the app of the recipe understands the same. */
import assert from "node:assert/strict";
import test from "node:test";
import { readConfig } from "../../hosts/dataflow/config.ts";
import { told, WAYS, type Way } from "./told.ts";

for (const [way, what] of Object.entries(WAYS) as [Way, string][]) {
  test(`the app understands ${what}`, () => {
    const config = readConfig(told(way));
    assert.deepEqual(config.input.destinations, ["timeDest"]);
    assert.deepEqual(
      config.outputs.map(({ name, destination }) => [name, destination]),
      [
        ["even", "evenDest"],
        ["odd", "oddDest"],
      ],
    );
    assert.equal(config.input.group, "timeStampStream.timestamp-router", "made of the names of the stream and the label");
    assert.deepEqual(config.brokers, ["127.0.0.1:19092"]);
    assert.equal(config.server.port, 23_661);
    assert.equal(config.applicationName, "timeStampStream-timestamp-router", "with its placeholders replaced");
    assert.deepEqual(
      config.deadLetters?.destinations,
      { timeDest: "error.timeDest.timeStampStream.timestamp-router" },
      "enableDlq in camel case",
    );
    assert.equal(config.commitIntervalMs, 500, "commit-interval with its hyphen");
  });
}

test("the app shuts down by HTTP where the local deployer says so, and nowhere else", () => {
  const withPath = (Object.keys(WAYS) as Way[]).filter((way) => readConfig(told(way)).actuator.hasShutdownPath);
  assert.deepEqual(withPath, ["local-json", "local-variables", "local-docker", "local-docker-variables"]);
});

test("the app understands the administrator's user and password in each deployer's spelling", () => {
  const dotted = { "spring.cloud.streamapp.security.admin-user": "admin", "spring.cloud.streamapp.security.admin-password": "p=w" };
  const upperCase = { "SPRING_CLOUD_STREAMAPP_SECURITY_ADMIN-USER": "admin", "SPRING_CLOUD_STREAMAPP_SECURITY_ADMIN-PASSWORD": "p=w" };
  const asArguments = Object.entries(dotted).map(([name, value]) => `--${name}=${value}`);
  const spellings = [
    { args: [], env: { SPRING_APPLICATION_JSON: JSON.stringify(dotted) } },
    { args: asArguments, env: {} },
    { args: [], env: dotted },
    { args: [], env: upperCase },
  ];
  for (const spelling of spellings) assert.deepEqual(readConfig(spelling).actuator.admin, { user: "admin", password: "p=w" });
});
