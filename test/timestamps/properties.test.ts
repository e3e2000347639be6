import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Router } from "../../hosts/embed.ts";
import { coreModule } from "../core-module.ts";
import { check } from "../property.ts";

/** What JavaScript's own Date says of a field, at a time that has been moved by the zone. */
const FIELDS: Readonly<Record<string, (moved: Date, epochMs: number) => number>> = {
  millisecond: (moved) => moved.getUTCMilliseconds(),
  second: (moved) => moved.getUTCSeconds(),
  minute: (moved) => moved.getUTCMinutes(),
  hour: (moved) => moved.getUTCHours(),
  day: (moved) => moved.getUTCDate(),
  "day-of-week": (moved) => moved.getUTCDay() || 7,
  "day-of-year": (moved) => Math.floor((moved.getTime() - Date.UTC(moved.getUTCFullYear())) / 86_400_000) + 1,
  month: (moved) => moved.getUTCMonth() + 1,
  year: (moved) => moved.getUTCFullYear(),
  "epoch-second": (_, epochMs) => Math.floor(epochMs / 1000),
  "epoch-minute": (_, epochMs) => Math.floor(epochMs / 60_000),
  "epoch-hour": (_, epochMs) => Math.floor(epochMs / 3_600_000),
  "epoch-day": (moved) => Math.floor(moved.getTime() / 86_400_000),
};
const OUTPUTS = ["a", "b", "c", "d", "e", "f", "g"];

/** Minutes east of UTC, as texts have them. */
function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}

/** Returns where a number goes among the outputs. */
function placeOf(number: number, divide: number): string | undefined {
  const remainder = Math.floor(number / divide) % OUTPUTS.length;
  return OUTPUTS[remainder < 0 ? remainder + OUTPUTS.length : remainder];
}

const field = fc.constantFrom(...Object.keys(FIELDS));
const offset = fc.integer({ min: -18 * 60, max: 18 * 60 });
const divide = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1000 }));
/** Times of four-digit years, wherever they are told. */
const time = fc.integer({ min: Date.UTC(1000), max: Date.UTC(9000) });

test("any time, told at any offset and read in any zone, goes where JavaScript's Date says", () => {
  check(
    fc.property(time, offset, offset, field, divide, (epochMs, told, zone, name, divisor) => {
      const text = new Date(epochMs + told * 60_000).toISOString().replace("Z", offsetText(told));
      const wanted = placeOf(FIELDS[name]?.(new Date(epochMs + zone * 60_000), epochMs) ?? Number.NaN, divisor);
      for (const format of ["iso-8601", "uuuu-MM-dd'T'HH:mm:ss.SSSXXX"]) {
        const router = routerOf(format, name, zone, divisor);
        assert.deepEqual(router.route(text), { output: wanted, value: new TextEncoder().encode(text) }, `${format} ${text}`);
      }
      const number = routerOf("epoch-millis", name, zone, divisor).route(String(epochMs));
      assert.equal("output" in number ? number.output : number.reason, wanted);
    }),
  );
});

test("a byte that is changed anywhere either leaves a time of the format or is refused within the value", () => {
  check(
    fc.property(time, fc.nat(18), fc.integer({ min: 0x20, max: 0x7e }), (epochMs, at, byte) => {
      const text = new Date(epochMs).toISOString().slice(0, 19);
      const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
      // JavaScript takes some days too many for days of the next month.
      const date = new Date(`${changed.replace(" ", "T")}Z`);
      const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d$/u.test(changed) && !Number.isNaN(date.getTime());
      const isSame = isTime && date.toISOString().slice(0, 10) === changed.slice(0, 10) && changed.slice(11, 13) !== "24";
      const decision = routerOf("iso-8601", "second", 0, 1).route(changed);
      assert.equal("output" in decision, isSame, changed);
      // A month or a year that has no such day shows at the day; seconds that became an offset are missed at the end; and behind a Z in the place of the
      // second colon, which is an offset as well, nothing may come.
      const last = /z/iu.test(changed.charAt(16)) ? 17 : Math.max(at, 8);
      if ("reason" in decision && decision.reason !== "no-field")
        assert.ok(decision.byteOffset <= last, `${changed}: byte ${decision.byteOffset}`);
    }),
  );
});

function routerOf(format: string, name: string, zone: number, divisor: number): Router {
  const lines = ["rule=timestamp", `timestamp.format=${format}`, `timestamp.field=${name}`, `timestamp.zone=${offsetText(zone)}`];
  return new Router(coreModule(), [...lines, `timestamp.divide=${divisor}`, `outputs=${OUTPUTS.join(",")}`].join("\n"));
}
