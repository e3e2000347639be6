/**
 * Makes `java-time.tsv`: `node test/timestamps/make.ts`. It needs Java. Everything in the file is java.time's doing; the core has no part in it.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const SEED = "1";
const VALUES_A_GROUP = "100";

const folder = import.meta.dirname;
const lines = execFileSync("java", [join(folder, "JavaTime.java"), SEED, VALUES_A_GROUP], { encoding: "utf8", maxBuffer: 1 << 26 });
writeFileSync(join(folder, "java-time.tsv"), lines);
