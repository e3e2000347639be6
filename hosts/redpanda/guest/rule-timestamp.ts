import { faultOfPlace, placeOf, reasonOfPlace } from "../../../core/decide.ts";
import { isTimestampRule, outputsSuffice, parseName } from "../../../core/rule-name.ts";
import { Reason, Status } from "../../../core/status.ts";
import { fieldIsThere, parseDivide, parseField, parseFormat, parseSource, parseTable, parseZone } from "../../../core/timestamp-rule.ts";
import { RECORD, RECORD_TIMESTAMP } from "./record.ts";
import { Rule } from "./rule.ts";
import { beginsWithBytes } from "./text.ts";
import { Text, addressOf } from "./texts.ts";
import { TimestampText, addressOfTimestampText } from "./texts-timestamp.ts";

/** The variable of the field, or, when it is not set, that of the format, which has to have the field; 0 when that is not set either. */
let fieldOrFormat: usize = 0;

/** The timestamp rule, and, as long as no other is named, the last-digit rule. */
@unmanaged
@final
export class TimestampRule extends Rule {
  readName(value: usize, valueEnd: usize): Status {
    return parseName(value, valueEnd);
  }

  suits(): bool {
    return outputsSuffice();
  }

  readVariable(name: usize, value: usize, valueEnd: usize): Status {
    const key = keyOf(name);
    // All its variables are the timestamp rule's.
    if (!isTimestampRule()) return Status.RuleUnknownKey;
    if (key === TimestampText.Field || (key === TimestampText.Format && fieldOrFormat === 0)) fieldOrFormat = name;
    switch (key) {
      case TimestampText.Format:
        return parseFormat(value, valueEnd);
      case TimestampText.Field:
        return parseField(value, valueEnd);
      case TimestampText.Zone:
        return parseZone(value, valueEnd);
      case TimestampText.Divide:
        return parseDivide(value, valueEnd);
      case TimestampText.Source:
        return parseSource(value, valueEnd);
      case TimestampText.Table:
        return parseTable(value, valueEnd);
      default:
        return Status.RuleUnknownKey;
    }
  }

  misfit(): usize {
    return isTimestampRule() && !fieldIsThere() ? fieldOrFormat : 0;
  }

  adviceOn(status: Status): usize {
    if (status < Status.RuleBadFormat) return addressOf(Text.RuleSyntax + (status - Status.RuleSyntax));
    return addressOfTimestampText(TimestampText.RuleBadFormat + (status - Status.RuleBadFormat));
  }

  place(value: usize, valueEnd: usize, isNull: bool): usize {
    return isNull ? 0 : placeOf(value, valueEnd, load<i64>(RECORD, RECORD_TIMESTAMP));
  }

  reason(_value: usize, _valueEnd: usize): usize {
    const reason = reasonOfPlace();
    if (reason < Reason.NotATimestamp) return addressOf(Text.Empty + (reason - Reason.Empty));
    return addressOfTimestampText(TimestampText.NotATimestamp + (reason - Reason.NotATimestamp));
  }

  byteOffset(_value: usize, _valueEnd: usize): u32 {
    return faultOfPlace();
  }
}

/** Returns which of the rule's variables has the name, or one past them. */
function keyOf(name: usize): TimestampText {
  let key = TimestampText.Format;
  while (key <= TimestampText.Table && !beginsWithBytes(name, addressOfTimestampText(key))) key++;
  return key;
}
