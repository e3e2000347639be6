/** The proof that the product rests on, in its short form; `npm run test:chaos` is the long one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerMissing } from "../broker/available.ts";
import { runChaos, startChaosCluster } from "./run.ts";

/** From the variable SEED, else always the same. */
const SEED = Number(process.env["SEED"] ?? 21);

const skip = (await brokerMissing()) ?? false;

test(
  `no record is lost, altered or put out of order while everything around the router fails (SEED=${SEED})`,
  { skip },
  async (context) => {
    await using cluster = await startChaosCluster();
    const { account, surprises, logs } = await runChaos(cluster, {
      seed: SEED,
      seconds: 40,
      records: 200_000,
      isControl: false,
      isExactlyOnce: false,
      isBrief: true,
      only: "",
      keepsLogs: false,
      print: (line) => {
        context.diagnostic(line);
      },
    });
    const { missing, unexpected, disordered, duplicated, input } = account;
    context.diagnostic(`${input} records, ${duplicated} of them routed twice`);
    assert.deepEqual(
      { missing, unexpected, disordered, surprises },
      { missing: 0, unexpected: 0, disordered: 0, surprises: [] },
      String(logs),
    );
  },
);
