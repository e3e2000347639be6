import { LastDigit } from "../../../core/last-digit.ts";
import { DESTINATION, DESTINATION_LENGTH, outputStruct } from "../../../core/memory.ts";
import { HostWord, hostWordOfRule, outputsOfRule, unroutableOutput } from "../../../core/rule-values.ts";
import { lengthOf, prependLength, readEnvironment, variable, variables } from "./environment.ts";
import { fail } from "./log.ts";
import { Rule } from "./rule.ts";
import { beginsWith } from "./text.ts";
import { Text } from "./texts.ts";
import { readRouterVariables } from "./variables.ts";

// Topics belong to the core's output structs in the order deployed, up to all 8. The one behind the outputs' is that of dead letters, which have
// no prefix.

/** The struct whose topic takes unroutable records; 0 when none does. */
export let unroutableTarget: usize = 0;
/** Whether they become dead letters, with a header that says why. */
export let hasDeadLetters: bool = false;
/** Whether the log tells of them. */
export let isLogged: bool = false;

let topics: u32 = 0;

/** Reads all settings from the environment; a wrong one ends the guest. Returns the first address of memory that is free. */
export function readSettings<R extends Rule>(): usize {
  const free = readEnvironment();
  readRouterVariables<R>();
  for (let index: u32 = 0; index < variables(); index++) {
    const name = variable(index);
    if (beginsWith(name, Text.Topic)) readTopic(name + 22);
  }
  settleUnroutable();
  return free;
}

/** Takes note of a topic, from what comes behind the last underscore: a digit, for the broker has 8 topics at most, "=", its name. */
function readTopic(digit: usize): void {
  const index = LastDigit.of(digit + 1);
  topics++;
  const options = prependLength(digit + 2) - 1;
  store<u8>(options, 1);
  const output = outputStruct(index);
  store<u32>(output, <u32>options, DESTINATION);
  store<u32>(output, <u32>(digit + 2 - options) + lengthOf(digit + 2), DESTINATION_LENGTH);
}

/** Settles what becomes of unroutable records. */
function settleUnroutable(): void {
  const outputs = outputsOfRule();
  const word = hostWordOfRule();
  // Unsigned: fewer topics than outputs are far too many.
  if (topics - outputs > 1 || (word === HostWord.Dlq && topics === outputs)) fail(Text.Topics);
  isLogged = word !== HostWord.Drop;
  unroutableTarget = unroutableOutput();
  if (unroutableTarget !== 0) {
    // What an output takes is not unroutable any more.
    isLogged = false;
    // Asked for, or nothing else asked for.
  } else if (word <= HostWord.Dlq && topics > outputs) {
    unroutableTarget = outputStruct(outputs);
    hasDeadLetters = true;
  }
}
