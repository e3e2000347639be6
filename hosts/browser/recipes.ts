/** Rules to begin with, each with values that show it. */
import type { RuleProperties } from "../rule.ts";

/** A rule, and values for it. */
export interface Recipe {
  readonly title: string;
  readonly rule: RuleProperties;
  readonly values: readonly string[];
}

/** The recipes; the first one is the router's default. */
export const RECIPES: readonly Recipe[] = [
  {
    title: "Even and odd seconds",
    rule: {},
    values: ["11/21/26 10:15:36", "11/21/26 10:15:37", "11/21/26 10:15:38", "11/21/26 10:15:39", "noon"],
  },
  {
    title: "Seconds of ISO 8601",
    rule: { "router.rule": "timestamp", "router.timestamp.format": "iso-8601" },
    values: ["2026-11-21T10:15:36Z", "2026-11-21T10:15:37.250+02:00", "2026-11-21", "2026-11-21T10:61:00Z"],
  },
  {
    title: "Day of the week",
    rule: {
      "router.rule": "timestamp",
      "router.timestamp.format": "iso-8601",
      "router.timestamp.field": "day-of-week",
      "router.outputs": "sunday,monday,tuesday,wednesday,thursday,friday,saturday",
    },
    values: ["2026-11-21", "2026-11-22T08:00:00Z", "2026-02-29", "1969-07-20T20:17:40Z"],
  },
  {
    title: "Day and night shift",
    rule: {
      "router.rule": "timestamp",
      "router.timestamp.format": "epoch-millis",
      "router.timestamp.field": "hour",
      "router.timestamp.zone": "+01:00",
      "router.outputs": "day,night",
      "router.table": "6-21:day,22-23:night,0-5:night",
    },
    values: ["1795237200000", "1795294800000", "noon"],
  },
  {
    title: "Quarters of an hour",
    rule: {
      "router.rule": "timestamp",
      "router.timestamp.field": "minute",
      "router.timestamp.divide": "15",
      "router.outputs": "q1,q2,q3,q4",
    },
    values: ["11/20/26 10:14:59", "11/20/26 10:15:00", "11/20/26 10:59:59"],
  },
  {
    title: "Quarters of the year",
    rule: {
      "router.rule": "timestamp",
      "router.timestamp.format": "d MMMM yyyy",
      "router.timestamp.field": "month",
      "router.outputs": "q1,q2,q3,q4,unread",
      "router.table": "1-3:q1,4-6:q2,7-9:q3,10-12:q4",
      "router.unroutable": "unread",
    },
    values: ["7 March 2026", "21 November 2026", "31 June 2026"],
  },
  {
    title: "Morning and afternoon",
    rule: {
      "router.rule": "timestamp",
      "router.timestamp.format": "hh:mm:ss a",
      "router.timestamp.field": "hour",
      "router.timestamp.divide": "12",
      "router.outputs": "morning,afternoon",
    },
    values: ["05:56:36 PM", "12:10:00 AM", "17:56:36"],
  },
];
