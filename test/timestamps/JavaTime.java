import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoEra;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Reads timestamps with java.time, strict and in English, and prints what a field of each is: a line `format, field, zone` for each group, then
 * one for each value, `value, number`, with a minus in place of the number where there is none. Tabs stand between the columns.
 *
 * Arguments: a seed, and how many values a group has.
 */
public class JavaTime {
  private static final String[] FIELDS = {
    "millisecond", "second", "minute", "hour", "day", "day-of-week", "day-of-year", "month", "year", "epoch-second", "epoch-minute",
    "epoch-hour", "epoch-day"
  };
  private static final String DATE = "day day-of-week day-of-year month year epoch-day";
  private static final String TIME = "second minute hour";
  private static final String ALL = DATE + " " + TIME + " epoch-second epoch-minute epoch-hour";
  private static final String[][] PATTERNS = {
    {"MM/dd/yy HH:mm:ss", ALL},
    {"M/d/yy H:m:s", ALL},
    {"dd.MM.yyyy HH:mm", DATE + " minute hour epoch-hour epoch-minute"},
    {"yyyy-MM-dd HH:mm:ss.SSS", ALL + " millisecond"},
    {"uuuu-MM-dd'T'HH:mm:ssXXX", ALL},
    {"uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSX", ALL + " millisecond"},
    {"yyyyMMddHHmmss", ALL},
    {"yyyyMMdd", DATE},
    {"yyMMddHHmmssSSS", ALL + " millisecond"},
    {"MMddyyyyHHmmss", ALL},
    {"Hmm", "hour minute"},
    {"d MMMM yyyy", DATE},
    {"EEEE, d MMM uuuu h:mm a", DATE + " minute hour epoch-hour epoch-minute"},
    {"EEE MMM dd HH:mm:ss yyyy", ALL},
    {"hh:mm:ss a", TIME},
    {"h:m a", "minute hour"},
    {"HH:mm:ss.S", TIME + " millisecond"},
    {"uuuu-DDD", DATE},
    {"yyyy-D HH", DATE + " hour epoch-hour"},
    {"uuuu-MM-dd HH:mm:ss Z", ALL},
    {"uuuu-MM-dd HH:mm:ss x", ALL},
    {"uuuu-MM-dd HH:mm:ss xxx", ALL},
    {"uuuu-MM-dd HH:mm:ss XXXX", ALL},
    {"uuuu-MM-dd HH:mm:ss XXXXX", ALL},
    {"uuuu-MM-dd HH:mm:ss ZZZZZ", ALL},
    {"u-M-d", DATE},
    {"uuu/MM/dd", DATE},
    {"yyyyy.MM.dd", DATE},
    {"'at' HH 'o''clock', mm''", "hour minute"},
    {"ss", "second"},
    {"MM", "month"},
    {"E", "day-of-week"},
    {"iso-8601", ALL + " millisecond"},
    {"epoch-seconds", ALL},
    {"epoch-millis", ALL + " millisecond"},
    {"epoch-micros", ALL + " millisecond"},
    {"epoch-nanos", ALL + " millisecond"},
  };
  private static final String[] ZONES = {"Z", "+01:00", "-05:30", "+14", "-1200"};
  private static final String NEAR = "0123456789:/-+. TZAPMapJanuarySund,'";
  /** Texts of the forms of ISO 8601 that the rule reads. */
  private static final String[] ISO = isoPatterns();

  private static String[] isoPatterns() {
    List<String> patterns = new ArrayList<>(List.of("uuuu-MM-dd"));
    for (String separator : new String[] {"'T'", " "}) {
      for (String time : new String[] {"HH:mm", "HH:mm:ss", "HH:mm:ss.", "HH:mm:ss,"}) {
        for (String offset : new String[] {"", "XXX", "XX", "X"}) patterns.add("uuuu-MM-dd" + separator + time + "\n" + offset);
      }
    }
    return patterns.toArray(String[]::new);
  }

  public static void main(String[] arguments) {
    Random random = new Random(Long.parseLong(arguments[0]));
    int count = Integer.parseInt(arguments[1]);
    for (String[] pattern : PATTERNS) {
      for (String field : FIELDS) {
        if (!List.of(pattern[1].split(" ")).contains(field)) continue;
        String zone = ZONES[random.nextInt(ZONES.length)];
        System.out.println(String.join("\t", pattern[0], field, zone));
        for (int value = 0; value < count; value++) printValue(pattern[0], field, ZoneOffset.of(zone.equals("Z") ? "Z" : zone), random);
      }
    }
  }

  private static void printValue(String pattern, String field, ZoneOffset zone, Random random) {
    String value = text(pattern, random);
    if (random.nextInt(3) == 0) value = nearMiss(value, random);
    Long number = numberOf(pattern, value, field, zone);
    System.out.println(value + "\t" + (number == null ? "-" : number.toString()));
  }

  /** Returns a text of the pattern, by Java's own formatter. */
  private static String text(String pattern, Random random) {
    long farthest = random.nextInt(4) == 0 ? 9_000_000_000_000L : 253_402_300_799L;
    long seconds = (long) ((random.nextDouble() * 2 - (pattern.contains("yy") || pattern.contains("ISO") ? 0 : 1)) * farthest / 2);
    if (pattern.contains("yy")) seconds = random.nextLong(946_684_800L, 4_102_444_800L);
    Instant instant = Instant.ofEpochSecond(seconds, random.nextInt(3) == 0 ? 0 : random.nextInt(1_000_000_000));
    switch (pattern) {
      case "epoch-seconds":
        return Long.toString(seconds);
      case "epoch-millis":
        return Long.toString(instant.toEpochMilli());
      case "epoch-micros":
        return Long.toString(seconds * 1_000_000 + instant.getNano() / 1000);
      case "epoch-nanos":
        return Long.toString(random.nextLong());
      default:
        ZoneOffset offset = random.nextInt(3) == 0 ? ZoneOffset.UTC : ZoneOffset.ofTotalSeconds(random.nextInt(-64800, 64801) / 900 * 900);
        return formatter(pattern.equals("iso-8601") ? ISO[random.nextInt(ISO.length)] : pattern).format(instant.atOffset(offset));
    }
  }

  /** Changes a byte or a number, leaves out the end, or adds to it. */
  private static String nearMiss(String value, Random random) {
    StringBuilder text = new StringBuilder(value);
    for (int changes = 1 + random.nextInt(2); changes > 0 && text.length() > 0; changes--) {
      int at = random.nextInt(text.length());
      char byteOf = NEAR.charAt(random.nextInt(NEAR.length()));
      switch (random.nextInt(5)) {
        case 0:
          text.deleteCharAt(at);
          break;
        case 1:
          text.insert(at, byteOf);
          break;
        case 2:
          text.setLength(at);
          break;
        default:
          boolean isDigit = Character.isDigit(text.charAt(at));
          text.setCharAt(at, isDigit && random.nextInt(4) != 0 ? (char) ('0' + random.nextInt(10)) : byteOf);
      }
    }
    return text.toString();
  }

  /** A fraction of 1 to 9 digits stands where a line end is behind a dot or comma. */
  private static DateTimeFormatter formatter(String pattern) {
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder();
    if (pattern.contains("\n")) {
      String[] halves = pattern.split("\n", 2);
      builder.appendPattern(halves[0]);
      if (halves[0].endsWith(".") || halves[0].endsWith(",")) builder.appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, false);
      if (!halves[1].isEmpty()) builder.appendPattern(halves[1]);
    } else {
      builder.appendPattern(pattern);
    }
    // A year of an era needs the era, which no letter of the rule's is for.
    if (pattern.contains("y")) builder.parseDefaulting(ChronoField.ERA, IsoEra.CE.getValue());
    return builder.toFormatter(Locale.ENGLISH).withResolverStyle(ResolverStyle.STRICT);
  }

  private static Long numberOf(String pattern, String value, String field, ZoneOffset zone) {
    try {
      switch (pattern) {
        case "epoch-seconds":
          return ofInstant(Instant.ofEpochSecond(whole(value)), field, zone);
        case "epoch-millis":
          return ofInstant(Instant.ofEpochMilli(whole(value)), field, zone);
        case "epoch-micros":
          return ofInstant(Instant.EPOCH.plusNanos(0).plus(whole(value), java.time.temporal.ChronoUnit.MICROS), field, zone);
        case "epoch-nanos":
          return ofInstant(Instant.EPOCH.plusNanos(whole(value)), field, zone);
        case "iso-8601":
          return ofIso(value, field, zone);
        default:
          return ofParsed(formatter(pattern).parse(value), field, zone);
      }
    } catch (DateTimeException | NumberFormatException | ArithmeticException error) {
      return null;
    }
  }

  private static long whole(String value) {
    if (value.startsWith("+")) throw new NumberFormatException(value);
    return Long.parseLong(value);
  }

  private static Long ofIso(String value, String field, ZoneOffset zone) {
    for (String pattern : ISO) {
      // In Java four letters of a year take a sign, in ISO 8601 only by agreement.
      if (value.startsWith("-") || value.startsWith("+")) return null;
      try {
        TemporalAccessor parsed = formatter(pattern).parse(value);
        boolean isOfTime = TIME.contains(field) || field.startsWith("epoch-") && !field.equals("epoch-day") || field.equals("millisecond");
        if (isOfTime && !pattern.contains("HH")) return null;
        if (List.of("second", "millisecond", "epoch-second").contains(field) && !pattern.contains("ss")) return null;
        return ofParsed(parsed, field, zone);
      } catch (DateTimeException error) {
        // Perhaps of the next form.
      }
    }
    return null;
  }

  private static long ofParsed(TemporalAccessor parsed, String field, ZoneOffset zone) {
    LocalDate date = parsed.query(TemporalQueries.localDate());
    if (date == null || parsed.query(TemporalQueries.localTime()) == null) {
      if (field.equals("epoch-day")) return date.toEpochDay();
      // Java does not look at a part that nothing is made of.
      return chronoField(field).checkValidValue(parsed.getLong(chronoField(field)));
    }
    ZoneOffset offset = parsed.query(TemporalQueries.offset());
    LocalDateTime local = LocalDateTime.from(parsed);
    return ofInstant(local.toInstant(offset == null ? zone : offset), field, zone);
  }

  private static long ofInstant(Instant instant, String field, ZoneOffset zone) {
    OffsetDateTime time = instant.atOffset(zone);
    switch (field) {
      case "epoch-second":
        return instant.getEpochSecond();
      case "epoch-minute":
        return Math.floorDiv(instant.getEpochSecond(), 60L);
      case "epoch-hour":
        return Math.floorDiv(instant.getEpochSecond(), 3600L);
      case "epoch-day":
        return time.toLocalDate().toEpochDay();
      default:
        return time.getLong(chronoField(field));
    }
  }

  private static ChronoField chronoField(String field) {
    switch (field) {
      case "millisecond":
        return ChronoField.MILLI_OF_SECOND;
      case "second":
        return ChronoField.SECOND_OF_MINUTE;
      case "minute":
        return ChronoField.MINUTE_OF_HOUR;
      case "hour":
        return ChronoField.HOUR_OF_DAY;
      case "day":
        return ChronoField.DAY_OF_MONTH;
      case "day-of-week":
        return ChronoField.DAY_OF_WEEK;
      case "day-of-year":
        return ChronoField.DAY_OF_YEAR;
      case "month":
        return ChronoField.MONTH_OF_YEAR;
      default:
        return ChronoField.YEAR;
    }
  }
}
