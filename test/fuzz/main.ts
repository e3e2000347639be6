/** `npm run fuzz`: reads the command line, runs, and prints how many inputs there were, or what to reproduce a failure with. */
import { Finding } from "./finding.ts";
import { readOptions, USAGE, type FuzzOptions } from "./options.ts";
import { fuzz, type Failure, type FuzzResult } from "./run.ts";

const EXIT_USAGE = 2;

async function main(): Promise<number> {
  let options: FuzzOptions | null;
  try {
    options = readOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (options === null) {
    console.log(USAGE);
    return 0;
  }
  console.log(`seed ${options.seed}, ${options.seconds} s`);
  const result = await fuzz(options);
  console.log(tableOf(result));
  if (result.failure === null) return 0;
  console.error(describe(result.failure));
  return 1;
}

/** How many inputs of each kind there were, and what came of them. */
function tableOf({ rounds, tallies, residentBytesMax }: FuzzResult): string {
  const rows: string[] = [];
  for (const [target, tally] of tallies) {
    const counts = [...tally].toSorted(([left], [right]) => (left < right ? -1 : 1));
    rows.push(`${target}: ${counts.reduce((sum, [, inputs]) => sum + inputs, 0)} inputs`);
    for (const [what, inputs] of counts) rows.push(`${String(inputs).padStart(10)}  ${what}`);
  }
  return [...rows, `${rounds} rounds, ${Math.ceil(residentBytesMax / 2 ** 20)} MiB of memory at most`].join("\n");
}

function describe({ target, seed, error }: Failure): string {
  const again = `npm run fuzz -- --seconds 0 --only ${target} --seed ${seed}`;
  if (!(error instanceof Finding)) return `${again}\n${error instanceof Error ? error.stack : String(error)}`;
  const cause = error.cause instanceof Error ? `\n${error.cause.stack}` : "";
  return `${again}\n${error.message}${cause}\ninput (hex): ${Buffer.from(error.input).toString("hex")}`;
}

process.exitCode = await main();
