import { OUTPUTS_MAX } from "./limits.ts";
import { NAME, NAME_LENGTH, OUTPUT_SHIFT, PREFIX_LENGTH, outputStruct } from "./memory.ts";
import { isTimestampRule, resumeName } from "./rule-name.ts";
import { HostWord, hostWordOfRule, outputsOfRule, resumeRule, unroutableOutput } from "./rule-values.ts";
import { setConfigured } from "./rule.ts";
import { TIMESTAMP_RULE_COPY_BYTES, loadTimestampRule, saveTimestampRule } from "./timestamp-rule.ts";

// Copies of the compiled rule, for a linking host that has several of them: the core itself runs one at a time. Only what the rule has is
// copied; the rest of a copy means nothing.
//
//      0 u32 outputs
//      4 u32 unroutable      the struct of the output that takes unroutable values, or 0
//      8 u32 hostWord
//     12 u32 isTimestamp
//     16 the timestamp rule, `TIMESTAMP_RULE_COPY_BYTES`, only where it is one
//        for each output, `OUTPUT_COPY_BYTES` apart: u32 nameLength, u32 prefixLength, then its struct from the name on

const UNROUTABLE: usize = 4;
const HOST_WORD: usize = 8;
const IS_TIMESTAMP: usize = 12;
const TIMESTAMP_RULE_COPY: usize = 16;
const OUTPUT_COPIES: usize = TIMESTAMP_RULE_COPY + TIMESTAMP_RULE_COPY_BYTES;
/** Bytes of an output's struct from the name on: name and prefix. */
const TEXT_BYTES: usize = ((<usize>1) << OUTPUT_SHIFT) - NAME;
const OUTPUT_COPY_BYTES: usize = TEXT_BYTES + 8;

/** Bytes of a copy; it begins at a multiple of 8. */
export const COMPILED_RULE_BYTES: usize = OUTPUT_COPIES + OUTPUT_COPY_BYTES * OUTPUTS_MAX;

/** Writes a copy of the rule that the core has to `copy`. */
export function saveRule(copy: usize): void {
  const outputs = outputsOfRule();
  store<u32>(copy, outputs);
  store<u32>(copy, <u32>unroutableOutput(), UNROUTABLE);
  store<u32>(copy, hostWordOfRule(), HOST_WORD);
  store<u32>(copy, u32(isTimestampRule()), IS_TIMESTAMP);
  if (isTimestampRule()) saveTimestampRule(copy + TIMESTAMP_RULE_COPY);
  let at = copy + OUTPUT_COPIES;
  for (let index: u32 = 0; index < outputs; index++, at += OUTPUT_COPY_BYTES) {
    const output = outputStruct(index);
    store<u32>(at, load<u32>(output, NAME_LENGTH));
    store<u32>(at, load<u32>(output, PREFIX_LENGTH), 4);
    memory.copy(at + 8, output + NAME, TEXT_BYTES);
  }
}

/** Gives the core the rule of a copy. Arenas and whatever they hold stay as they are; outputs that are open had better be finished. */
export function loadRule(copy: usize): void {
  const outputs = load<u32>(copy);
  resumeRule(outputs, <usize>load<u32>(copy, UNROUTABLE), <HostWord>load<u32>(copy, HOST_WORD));
  resumeName(load<u32>(copy, IS_TIMESTAMP) !== 0);
  if (isTimestampRule()) loadTimestampRule(copy + TIMESTAMP_RULE_COPY);
  let at = copy + OUTPUT_COPIES;
  for (let index: u32 = 0; index < outputs; index++, at += OUTPUT_COPY_BYTES) {
    const output = outputStruct(index);
    store<u32>(output, load<u32>(at), NAME_LENGTH);
    store<u32>(output, load<u32>(at, 4), PREFIX_LENGTH);
    memory.copy(output + NAME, at + 8, TEXT_BYTES);
  }
  setConfigured();
}
