/** Does the jobs of a file, in whatever JavaScript runtime runs this, and prints the answers: `run-jobs.ts <file>`. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { routing } from "../../build/component/timestamp-router.js";
import type { Job } from "./job.ts";
import { answerOf } from "./job.ts";

const jobs = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as readonly Job[];
process.stdout.write(JSON.stringify(jobs.map((job) => answerOf(routing, job))));
