import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startCluster } from "../../hosts/demo/broker/cluster.ts";
import { registeredBrokers } from "../../hosts/demo/broker/ready.ts";
import { runTool } from "../../hosts/demo/broker/tools.ts";
import { brokerMissing } from "../broker/available.ts";
import { assertBothLogs, outputOf, RIGHT_LINE, runDemoProcess } from "./demo-process.ts";

const missing = await brokerMissing();

suite("the demo with Kafka", { skip: missing ?? false }, () => {
  test("both logs get their records, and the broker ends with the demo", async () => {
    const result = await runDemoProcess({ args: ["--kafka", "--seconds", "3", "--every", "50ms"] });
    assertBothLogs(result);
    assert.match(result.lines.at(-1) ?? "", RIGHT_LINE);
    const port = Number(/--bootstrap-server 127\.0\.0\.1:(\d+) --topic evenDest/.exec(result.stdout)?.[1]);
    assert.equal(await registeredBrokers(port, 1000), null);
  });

  test("somebody's brokers keep their records and get no group", async () => {
    await using cluster = await startCluster({ nodes: 1 });
    const tool = async (className: string, args: readonly string[], stdin?: string): Promise<string> => {
      const options = { className: `org.apache.kafka.tools.${className}`, args: ["--bootstrap-server", cluster.bootstrap, ...args], stdin };
      const result = await runTool(options);
      assert.equal(result.exitCode, 0, result.stdout + result.stderr);
      return result.stdout;
    };
    await tool("TopicCommand", ["--create", "--topic", "timeDest", "--partitions", "2"]);
    await tool("TopicCommand", ["--create", "--topic", "evenDest", "--partitions", "1"]);
    await tool("ConsoleProducer", ["--topic", "timeDest"], "11/21/26 03:51:06\n11/21/26 03:51:07\n");
    await tool("ConsoleProducer", ["--topic", "evenDest"], "Odd timestamp:11/21/26 03:51:07\n");

    const result = await runDemoProcess({ args: ["--brokers", cluster.bootstrap, "--seconds", "1", "--every", "50ms"] });
    assert.equal(result.exitCode, 0, outputOf(result));
    const [, even, odd, sent] = RIGHT_LINE.exec(result.lines.at(-1) ?? "")?.map(Number) ?? [];
    assert.equal((await tool("consumer.group.ConsumerGroupCommand", ["--list"])).trim(), "");
    const offsets = await tool("GetOffsetShell", ["--topic", "timeDest|evenDest|oddDest"]);
    const totalOf = (topic: string): number =>
      [...offsets.matchAll(new RegExp(`^${topic}:\\d+:(\\d+)$`, "gmu"))].reduce((sum, [, count]) => sum + Number(count), 0);
    assert.deepEqual([totalOf("timeDest"), totalOf("evenDest"), totalOf("oddDest")], [2 + (sent ?? 0), 1 + (even ?? 0), odd]);
  });
});
