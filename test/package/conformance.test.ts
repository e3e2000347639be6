/** The routing contract, by the calls of the installed package. */
import { readCases } from "../case-text.ts";
import { runConformance } from "../conformance.ts";
import { targetsOf } from "../core/targets.ts";
import { entry } from "./packed.ts";

runConformance(readCases(), targetsOf("package", entry.createRouter));
