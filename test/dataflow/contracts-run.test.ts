/** The app as a process, started just as each deployer starts it, routes between the topics of the recipe. */
import assert from "node:assert/strict";
import { freePorts } from "../../hosts/demo/broker/ports.ts";
import { startApp } from "../broker/app.ts";
import { useBroker } from "../broker/use-broker.ts";
import { told, WAYS, type Way } from "./told.ts";

const GROUP = "timeStampStream.timestamp-router";
const broker = await useBroker();

for (const [way, what] of Object.entries(WAYS) as [Way, string][]) {
  broker.test(`the app routes when it is told by ${what}`, async (context) => {
    const { cluster, topics } = broker;
    if ((await topics.partitionCount("timeDest")) === null) await topics.create("timeDest", 1);
    const before = await written();
    const [port = 0] = await freePorts(1);
    const { args, env } = told(way, { broker: cluster.bootstrap, port });
    const app = startApp(context, { properties: {}, args, env });
    await app.line(/Routing /u);
    assert.equal((await fetch(`http://127.0.0.1:${port}/actuator/info`)).status, 200, "it listens where it is told");
    await topics.write("timeDest", 0, ["11/21/26 04:18:02", "11/21/26 04:18:03"]);
    await topics.untilCommitted(GROUP, "timeDest");
    assert.equal((await app.stop()).exitCode, 0);
    assert.deepEqual(
      await written(),
      before.map((count) => count + 1),
    );
  });
}

/** How many records there are in each output. */
async function written(): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const topic of ["evenDest", "oddDest"]) {
    const isThere = (await broker.topics.partitionCount(topic)) !== null;
    counts.push(isThere ? (await broker.topics.endOffsets(topic)).reduce((sum, offset) => sum + offset, 0) : 0);
  }
  return counts;
}
