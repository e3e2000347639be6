/** Makes `compressed.json` beside it, with Kafka's own client: `node test/hosts/dataflow/make-compressed.ts`. It needs Java and Maven. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runJava } from "../../../hosts/demo/broker/tools.ts";

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const { exitCode, stdout, stderr } = await runJava({ source: pathOf("Compressed.java"), className: "Compressed", args: [] });
if (exitCode !== 0) throw new Error(stderr);
await writeFile(pathOf("compressed.json"), JSON.stringify(JSON.parse(stdout), null, 2) + "\n");
