import { Status } from "../../../core/status.ts";

/**
 * What the guest asks of the rule that it is built with. There is never an instance, and of a type that is known when the guest is compiled a method
 * is called, and mostly inlined, as a function is.
 */
@unmanaged
export abstract class Rule {
  /** Takes the rule's name. */
  abstract readName(value: usize, valueEnd: usize): Status;

  /** Returns whether the rule can do with as many outputs as there are. */
  abstract suits(): bool;

  /** Takes a variable that is the rule's own, whose name goes on at `name` behind "ROUTER_". */
  abstract readVariable(name: usize, value: usize, valueEnd: usize): Status;

  /** Returns the name, as `readVariable` had it, of a variable that does not go with the others; 0 when all do. */
  abstract misfit(): usize;

  /** Returns the text that says what to do about a fault. */
  abstract adviceOn(status: Status): usize;

  /** Returns the output struct of a value, or 0, as for a null. */
  abstract place(value: usize, valueEnd: usize, isNull: bool): usize;

  /** Returns the text that says why a value has no output. */
  abstract reason(value: usize, valueEnd: usize): usize;

  /** Returns the byte of it that makes it so. */
  abstract byteOffset(value: usize, valueEnd: usize): u32;
}
