/** `npm run test:chaos`: reads the command line, makes a run for each seed, and prints what came of them. */
import { readOptions, USAGE, type ChaosOptions } from "./options.ts";
import { isFaultless, runChaos, startChaosCluster, type RunResult } from "./run.ts";

const EXIT_USAGE = 2;

async function main(): Promise<number> {
  let options: ChaosOptions | null;
  try {
    options = readOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    console.error(`test:chaos: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (options === null) {
    console.log(USAGE);
    return 0;
  }
  const results: (readonly [seed: number, result: RunResult])[] = [];
  await using cluster = await startChaosCluster();
  for (const seed of options.seeds) {
    const result = await runChaos(cluster, { ...options, seed, print: (line) => console.log(line) });
    results.push([seed, result]);
    console.log(`${JSON.stringify(result.account)}${result.logs === null ? "" : `\nThe routers' logs are in ${result.logs}`}`);
  }
  console.log(tableOf(results));
  const { isExactlyOnce } = options;
  return results.every(([, result]) => isFaultless(result, isExactlyOnce)) ? 0 : 1;
}

function tableOf(results: readonly (readonly [seed: number, result: RunResult])[]): string {
  const rows = results.map(([seed, { account, faults, idleFaults, slowestRecoveryMs, surprises }]) => {
    const { input, routed, missing, unexpected, disordered, duplicated } = account;
    return [
      seed,
      input,
      routed,
      missing,
      unexpected,
      disordered,
      duplicated,
      faults,
      idleFaults,
      slowestRecoveryMs / 1000,
      surprises.length,
    ];
  });
  const head = "seed|input|routed|missing|unexpected|disordered|duplicated|faults|idle|slowest recovery, s|surprises".split("|");
  const cells = [head, ...rows.map((row) => row.map((cell) => String(Math.round(cell * 10) / 10)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")).join("\n");
}

process.exitCode = await main();
