import fc from "fast-check";
import { expect, test } from "vitest";
import type { RangeEvent } from "../model/findings/advisory.ts";
import { pep440 } from "./pep440.ts";
import { ascendingBounds, evaluateBounds, evaluateRange } from "./range-evaluation.ts";
import { semver } from "./semver.ts";

/** `in`, `out`, or the bound that leaves it open. */
function at(version: string, ...events: RangeEvent[]): string {
  const range = { type: "SEMVER", events } as const;
  const result = evaluateRange(range, { text: version, version: semver.parse(version), scheme: semver });
  return "unreadable" in result ? result.unreadable : result.inside ? "in" : "out";
}

test("an unreadable start leaves open only what lies below its readable end", () => {
  const events: RangeEvent[] = [{ introduced: "nightly.2026-03-10.0" }, { fixed: "4.6.0" }];
  expect(at("4.5.9", ...events)).toBe("nightly.2026-03-10.0");
  expect(at("4.6.0", ...events)).toBe("out");
  expect(at("4.7.0", { introduced: "soon" }, { last_affected: "4.6.0" })).toBe("out");
  expect(at("4.6.0", { introduced: "soon" }, { last_affected: "4.6.0" })).toBe("soon");
});

test("an unreadable end leaves open only what lies above its readable start", () => {
  for (const kind of ["fixed", "last_affected"]) {
    const events: RangeEvent[] = [{ introduced: "1.0.0" }, { [kind]: "soon" }];
    expect(at("0.9.0", ...events)).toBe("out");
    expect(at("1.0.0", ...events)).toBe("soon");
    expect(at("9.0.0", ...events)).toBe("soon");
  }
});

test("between readable events there may be only one place for the unreadable one", () => {
  const end: RangeEvent[] = [{ introduced: "1.0.0" }, { fixed: "soon" }, { introduced: "3.0.0" }, { fixed: "4.0.0" }];
  const versions = ["0.9.0", "2.0.0", "3.5.0", "4.0.0"];
  expect(versions.map((version) => at(version, ...end))).toEqual(["out", "soon", "in", "out"]);
  const start: RangeEvent[] = [{ introduced: "1.0.0" }, { fixed: "2.0.0" }, { introduced: "soon" }, { fixed: "4.0.0" }];
  expect(versions.map((version) => at(version, ...start))).toEqual(["out", "soon", "soon", "out"]);
  expect(at("1.5.0", ...start)).toBe("in");
});

test("an unreadable start alone leaves everything open, an unreadable end alone nothing", () => {
  expect(at("1.0.0", { introduced: "soon" })).toBe("soon");
  expect(at("1.0.0", { fixed: "soon" })).toBe("out");
  expect(at("1.0.0", { introduced: "0" }, { introduced: "soon" })).toBe("in");
});

test("where events do not take turns, every unreadable one that may change the answer leaves it open", () => {
  const ends: RangeEvent[] = [{ introduced: "0" }, { fixed: "1.0.0" }, { fixed: "2.0.0" }, { fixed: "3.0.0" }];
  expect(at("4.0.0", ...ends, { fixed: "soon" })).toBe("out");
  expect(at("0.5.0", ...ends, { fixed: "soon" })).toBe("soon");
  expect(at("4.0.0", ...ends, { introduced: "soon" })).toBe("soon");
  expect(at("1.0.0", { introduced: "soon" }, { fixed: "later" }, { introduced: "0" })).toBe("later");
  expect(at("1.0.0", {}, { introduced: "0" })).toBe("an event without a version");
});

test("an unreadable limit counts only for what is inside and below no readable limit", () => {
  const events: RangeEvent[] = [{ introduced: "1.0.0" }, { fixed: "2.0.0" }, { limit: "soon" }];
  expect(at("1.5.0", ...events)).toBe("soon");
  expect(at("2.5.0", ...events)).toBe("out");
  expect(at("1.5.0", ...events, { limit: "1.8.0" })).toBe("in");
  expect(at("1.9.0", ...events, { limit: "1.8.0" })).toBe("soon");
  expect(at("1.9.0", ...events, { limit: "*" })).toBe("in");
});

test("what is concluded despite an unreadable event holds wherever that event really lies", () => {
  const turns = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 6 }).map((numbers) =>
    numbers
      .sort((a, b) => a - b)
      .map((number, index): RangeEvent => {
        return index % 2 === 0 ? { introduced: `${number}.0.0` } : { fixed: `${number}.0.0` };
      }),
  );
  let concluded = 0;
  fc.assert(
    fc.property(turns, fc.nat(5), fc.integer({ min: 0, max: 13 }), (events, index, number) => {
      const hidden = index % events.length;
      const seen = events.map((event, i): RangeEvent => {
        return i !== hidden ? event : event.introduced === undefined ? { fixed: "?" } : { introduced: "?" };
      });
      const result = at(`${number}.0.0`, ...seen);
      if (result === "?") return;
      concluded++;
      expect(result).toBe(at(`${number}.0.0`, ...events));
    }),
    { seed: 2026, numRuns: 2_000 },
  );
  expect(concluded).toBeGreaterThan(500);
});

test("the order in which events of different versions stand does not matter", () => {
  const kind = fc.constantFrom("introduced", "fixed", "last_affected");
  const places = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 8 });
  const events = places.chain((all) =>
    fc.tuple(...all.map((place) => kind.map((name): RangeEvent => ({ [name]: place === 0 ? "0" : `${place}.0.0` })))),
  );
  fc.assert(
    fc.property(events, fc.nat(31), (all, place) => {
      const text = `${place}.0.0`;
      const evaluated = (list: readonly RangeEvent[]) =>
        evaluateRange({ type: "SEMVER", events: list }, { text, version: semver.parse(text), scheme: semver });
      const placeOf = (event: RangeEvent) => Number.parseInt(Object.values(event)[0] ?? "", 10);
      const sorted = all.toSorted((a, b) => placeOf(a) - placeOf(b));
      expect(evaluated(sorted)).toEqual(evaluated(sorted.toReversed()));
      expect(evaluated(all)).toEqual(evaluated(sorted));
    }),
  );
});

test("the bounds of an ascending range tell what its events tell", () => {
  const places = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 8 });
  const kinds = ["introduced", "fixed"] as const;
  fc.assert(
    fc.property(places, fc.nat(31), fc.constantFrom("", ".0.0", ".0.0-rc.1"), (all, place, suffix) => {
      const events = all
        .toSorted((a, b) => a - b)
        .map((bound, index): RangeEvent => ({ [kinds[index % 2] ?? ""]: bound === 0 ? "0" : `${bound}.0.0` }));
      const range = { type: "SEMVER", events } as const;
      const bounds = ascendingBounds(range, semver) ?? [];
      expect(bounds).toHaveLength(events.length);
      const subject = { text: `${place}${suffix}`, version: semver.parse(`${place}${suffix}`), scheme: semver };
      expect(evaluateBounds(bounds, subject)).toEqual(evaluateRange(range, subject));
    }),
  );
});

test("a fix at which the next interval begins is not the lowest fix", () => {
  const fixOf = (...events: RangeEvent[]) =>
    evaluateRange({ type: "SEMVER", events }, { text: "1.5.0", version: semver.parse("1.5.0"), scheme: semver });
  const apart = [{ introduced: "1.0.0" }, { fixed: "2.0.0" }, { introduced: "2.1.0" }, { fixed: "3.0.0" }];
  expect(fixOf(...apart)).toMatchObject({ inside: true, fixed: "2.0.0", isLowest: true });
  const touching = [{ introduced: "1.0.0" }, { fixed: "2.0.0" }, { introduced: "2.0.0" }, { fixed: "3.0.0" }];
  expect(fixOf(...touching)).toMatchObject({ inside: true, fixed: "2.0.0", isLowest: false });
});

test("bounds that are not what they should be tell nothing where they are looked at", () => {
  const subject = { text: "3.0.0", version: semver.parse("3.0.0"), scheme: semver };
  expect(evaluateBounds(["0", "?"], subject)).toBeUndefined();
  expect(evaluateBounds(["?", "4.0.0"], subject)).toBeUndefined();
  expect(evaluateBounds(["4.0.0", "?"], subject)).toEqual({ inside: false });
});

test("the last version that is affected may stand for higher ones too, an end that is fixed does not", () => {
  const local = (text: string, ...events: RangeEvent[]): string => {
    const result = evaluateRange({ type: "ECOSYSTEM", events }, { text, version: pep440.parse(text), scheme: pep440 });
    return "unreadable" in result ? result.unreadable : result.inside ? "in" : "out";
  };
  const zero: RangeEvent = { introduced: "0" };
  expect(local("2.6.0+cu124", zero, { last_affected: "2.6.0" })).toBe("in");
  expect(local("2.6.1+cu124", zero, { last_affected: "2.6.0" })).toBe("out");
  expect(local("2.6.0+cu124", zero, { last_affected: "2.6.0+cpu" })).toBe("out");
  expect(local("2.6.0+cu124", zero, { fixed: "2.6.0" })).toBe("out");
  expect(local("2.6.0+cu124", { introduced: "3.0" }, { last_affected: "2.6.0" }, zero)).toBe("in");
  expect(local("2.6.0+cu124", zero, { last_affected: "2.6.0" }, { limit: "*" })).toBe("in");
});
