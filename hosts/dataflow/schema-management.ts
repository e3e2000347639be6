import { LOG_LEVEL_WORDS } from "./log-levels.ts";
import { address, integer, line, words } from "./property-kinds.ts";

const LEVELS_ALLOWED = "TRACE, DEBUG, INFO, WARN, ERROR, FATAL or OFF";
const LEVELS = Object.fromEntries(LOG_LEVEL_WORDS);

/** What makes the app one among Boot apps: its name, its port, its log. */
export const MANAGEMENT_PROPERTIES = {
  serverPort: integer(
    { name: "server.port", default: "8080", description: "Port of the HTTP endpoints; 0 takes a free one." },
    { min: 0, max: 65_535 },
  ),
  serverAddress: address({
    name: "server.address",
    default: "",
    defaultMeaning: "all interfaces",
    description: "Address that the HTTP endpoints listen on.",
  }),
  applicationName: line({ name: "spring.application.name", default: "timestamp-router", description: "Name of the app in each log line." }),
  logFormat: words(
    {
      name: "logging.structured.format.console",
      default: "",
      defaultMeaning: "text",
      description: "Layout of the log: Boot's text layout, or JSON.",
    },
    "ecs, logstash, gelf, or empty for text",
    { "": "text", ecs: "ecs", logstash: "logstash", gelf: "gelf" },
  ),
  logLevel: words(
    { name: "logging.level.root", default: "INFO", description: "Least level that is logged; DEBUG adds the stack traces of errors." },
    LEVELS_ALLOWED,
    LEVELS,
  ),
  loggerLevel: words(
    {
      name: "logging.level.<logger>",
      default: null,
      defaultMeaning: "that of the nearest logger above it",
      description: "Least level of one logger, such as `router` or `router.session`, and of those below it.",
    },
    LEVELS_ALLOWED,
    LEVELS,
  ),
} as const;
