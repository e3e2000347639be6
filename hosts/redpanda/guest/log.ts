import { fdWrite } from "./abi.ts";
import { writeName, writeText } from "./text.ts";
import { Text } from "./texts.ts";

// One line is one event in the transform's log, a record in a topic of its own. The broker cuts events at 1,024 bytes, and drops one that is
// no UTF-8 or has control characters in it: so lines are short, and ASCII but for names of variables, which come whole.

/** Room for a line. The longest has a variable's name in it, which the broker holds to 128 bytes. */
const LINE: usize = memory.data(1024);
/** u32 address and u32 length of the line, and a u32 for the count of bytes written. */
const VECTOR: usize = memory.data(12, 4);
const STANDARD_ERROR: i32 = 2;
const NEWLINE: u8 = 0x0a;

/** Begins a line; returns the address behind what it begins with. */
export function beginLine(): usize {
  return writeText(LINE, Text.Line);
}

/** Writes the line that ends at `end` to the log. */
export function endLine(end: usize): void {
  store<u8>(end, NEWLINE);
  store<u32>(VECTOR, <u32>LINE);
  store<u32>(VECTOR, <u32>(end + 1 - LINE), 4);
  fdWrite(STANDARD_ERROR, VECTOR, 1, VECTOR + 8);
}

/** Logs a text and gives up: the broker starts the guest anew, from what it has committed. */
export function fail(text: Text): void {
  endLine(writeText(beginLine(), text));
  unreachable();
}

/** Logs what to do about a variable and gives up. */
export function failOn(variable: usize, advice: usize): void {
  endLine(writeName(writeText(writeName(beginLine(), variable), Text.Colon), advice));
  unreachable();
}
