import { LastDigit } from "../../../core/last-digit.ts";
import { OUTPUTS, OUTPUT_SHIFT } from "../../../core/memory.ts";
import { outputsOfRule } from "../../../core/rule-values.ts";
import { Status } from "../../../core/status.ts";
import { Rule } from "./rule.ts";
import { Text, addressOf } from "./texts.ts";

/** The last-digit rule alone. */
@unmanaged
@final
export class LastDigitRule extends Rule {
  readName(value: usize, valueEnd: usize): Status {
    return LastDigit.isNamed(value, valueEnd) ? Status.Ok : Status.RuleUnknownRule;
  }

  suits(): bool {
    return LastDigit.suits(outputsOfRule());
  }

  readVariable(_name: usize, _value: usize, _valueEnd: usize): Status {
    return Status.RuleUnknownKey;
  }

  misfit(): usize {
    return 0;
  }

  adviceOn(status: Status): usize {
    return addressOf(Text.RuleSyntax + (status - Status.RuleSyntax));
  }

  place(_value: usize, valueEnd: usize, _isNull: bool): usize {
    // Before an empty value is the last byte of its length, which is 0, before a null that of -1: neither is a digit.
    const digit = LastDigit.of(valueEnd);
    return digit > 9 ? 0 : OUTPUTS + ((<usize>LastDigit.output(digit)) << OUTPUT_SHIFT);
  }

  reason(value: usize, valueEnd: usize): usize {
    return addressOf(value === valueEnd ? Text.Empty : Text.NotADigit);
  }

  byteOffset(value: usize, valueEnd: usize): u32 {
    return value === valueEnd ? 0 : <u32>(valueEnd - value) - 1;
  }
}
