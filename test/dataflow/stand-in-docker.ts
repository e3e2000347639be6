/** `stand-in-docker.ts <file for its arguments> run <options> <image>`: see docker.ts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../hosts/dataflow/main.ts", import.meta.url));

const [linesFile = "", ...args] = process.argv.slice(2);
appendFileSync(linesFile, `${JSON.stringify(args)}\n`);
if (args[0] !== "run") {
  console.error(`There is only docker run here, not docker ${args.join(" ")}`);
  process.exit(1);
}
const variables = args.flatMap((arg, index) => (args[index - 1] === "-e" ? [arg] : []));
const env = Object.fromEntries(variables.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]));
const app = spawn(process.execPath, ["--disable-warning=TimeoutNegativeWarning", MAIN], { env, stdio: "inherit" });
// As docker's own client does.
process.on("SIGTERM", () => app.kill("SIGTERM"));
const [exitCode] = (await once(app, "exit")) as [number | null];
process.exitCode = exitCode ?? 1;
