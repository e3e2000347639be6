/** What `--help` says. */
export const USAGE = `Usage: timestamp-router [option…] [file…]

Routes records by the last digit of each: even ones to the output "even", odd ones to "odd"; or by the timestamp that each is.
Reads the files, or standard input where none is named or where one is "-".
Writes each record to standard output as <output><tab><value>.

  --format <lines|crlf|nul|length>
                         how records follow each other, in and out (lines):
                         lines   each ends with a line feed; the last may do without
                         crlf    the same, with carriage return and line feed
                         nul     each ends with a zero byte
                         length  each has its length before it, 4 bytes, big-endian; ffffffff is a null value
  --out <output>=<file>  write the values of an output to a file, without the name; once for each output; "-" is standard output
  --unroutable <file>    write unroutable records to a file as they are; "-" is standard output
  --stats[=json]         at the end, say on standard error what went where
  --help, --version      say this, or the version, and end

  --router.rule <name>             last-digit, or timestamp: read each value, and go by one field of it (last-digit)
  --router.outputs <name>,<name>   names of the outputs, the one for even digits first; up to 8 for the rule timestamp (even,odd)
  --router.prefix.<output> <text>  what goes before each value; \\\\ \\n \\t \\xHH are escapes (even: "Even timestamp: ", odd: "Odd timestamp:")
  --router.unroutable <policy>     what becomes of a record that the rule has no output for:
                                   log     leave it out and say so, in at most 10 lines a second (the default)
                                   drop    leave it out and count it
                                   dlq     write it to the file of --unroutable (the default with that option)
                                   stop    end there
                                   <name>  write it to the output of that name

The rule timestamp divides the field and takes the number modulo that of the outputs, or the range of a table that it is in:
  --router.timestamp.format <format>  letters as in Java's DateTimeFormatter, or iso-8601, or epoch-seconds, -millis, -micros
                                      or -nanos (MM/dd/yy HH:mm:ss)
  --router.timestamp.field <field>    millisecond, second, minute, hour, day, day-of-week, day-of-year, month, year,
                                      epoch-second, epoch-minute, epoch-hour or epoch-day (second)
  --router.timestamp.zone <offset>    where the field is read, such as +01:00 (Z)
  --router.timestamp.divide <number>  what the field is divided by, rounded down (1)
  --router.timestamp.source value     the timestamp is the value; there is no other here
  --router.table <ranges>             such as 0-11:even,12-23:odd

Files that are written to are replaced. A record has at most 1048576 bytes.
Exit status: 0 all records are routed, 1 some are not, 2 wrong usage, 3 something can't be read or written.
`;
