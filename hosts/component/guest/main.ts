// The functions of the WIT, one export each; `export-names.ts` gives them the names of the canonical ABI, which AssemblyScript can't spell. An
// argument that is a list or a text comes as its address and its length, a router as what `create` made the handle of. A result of more than
// one number is an address.
import { RULE_BYTES_MAX } from "../../../core/limits.ts";
import { NAME, NAME_LENGTH, outputStruct } from "../../../core/memory.ts";
import { RULE_TEXT, compileRule, faultOfRule } from "../../../core/rule.ts";
import { outputsOfRule } from "../../../core/rule-values.ts";
import { Status } from "../../../core/status.ts";
import { handleOf } from "./abi.ts";
import { cabi_realloc, endCall } from "./arena.ts";
import { routeRecordBatch } from "./record-batch.ts";
import { RESULT, failWith, writeList } from "./results.ts";
import { dropRouter, findFreeRouter, forgetRunning, runRouter, takeRouter } from "./routers.ts";
import { route, routePackedValues } from "./values.ts";

export { cabi_realloc, dropRouter, endCall, route, routePackedValues, routeRecordBatch };

/** The case of `rule-error` in the WIT that is no status of the core; those before it are the statuses from `Status.RuleSyntax` on. */
const TOO_MANY_ROUTERS: u32 = 16;

/** The names of the outputs, `OUTPUTS_MAX` of them: u32 name, u32 nameLength. */
const NAMES: usize = memory.data(64, 4);

/**
 * `router.create`. The result:
 *
 *     0 u8 tag
 *     4 i32 handle; or u8 error
 *     8 u32 offset of the fault
 */
export function create(rule: usize, length: u32): usize {
  const router = findFreeRouter();
  if (router === 0) return failAt(TOO_MANY_ROUTERS, 0);
  // A text that is too long is refused by its length alone.
  if (length <= RULE_BYTES_MAX) memory.copy(RULE_TEXT, rule, length);
  forgetRunning();
  const status = compileRule(length);
  if (status !== Status.Ok) return failAt(status - Status.RuleSyntax, faultOfRule());
  takeRouter(router);
  store<u8>(RESULT, 0);
  store<i32>(RESULT, handleOf(router), 4);
  return RESULT;
}

function failAt(errorCase: u32, offset: u32): usize {
  store<u32>(RESULT, offset, 8);
  return failWith(errorCase, 4);
}

/** `router.outputs`. The result is a list. */
export function outputs(router: usize): usize {
  runRouter(router);
  const count = outputsOfRule();
  for (let index: u32 = 0; index < count; index++) {
    writeList(NAMES + ((<usize>index) << 3), outputStruct(index) + NAME, load<u32>(outputStruct(index), NAME_LENGTH));
  }
  writeList(RESULT, NAMES, count);
  return RESULT;
}
