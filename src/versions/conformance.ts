import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

/** What one scheme is tried with. */
export interface SchemeCases {
  /** Strictly ascending. */
  readonly ascending: readonly string[];
  /** Each row holds spellings of one version. */
  readonly equal: readonly (readonly string[])[];
  readonly refused: readonly string[];
  /** Text that mostly parses, of every form that the scheme has. */
  readonly versions: fc.Arbitrary<string>;
  /** Where the ecosystem's own order is not transitive for all of `versions`: those for which it is. */
  readonly transitiveVersions?: fc.Arbitrary<string>;
}

const runs = { seed: 2026, numRuns: 2_000 };

/** Text that a version may come from and should not crash on. */
const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(..."0129azAZv.-_+~^:!= \u0000\u0663\u00e9"), maxLength: 40 }),
);

/**
 * The conformance suite of the {@link VersionScheme} interface, run for every scheme: the cases hold in both
 * directions, the order is one, no text makes it throw, numbers have no largest value, and text above the limit is
 * refused unread.
 */
export function describeScheme<V>(scheme: VersionScheme<V>, cases: SchemeCases): void {
  const compare = (a: string, b: string): number | undefined => {
    const left = scheme.parse(a);
    const right = scheme.parse(b);
    return left === undefined || right === undefined ? undefined : scheme.compare(left, right);
  };

  describe(`version scheme ${scheme.id}`, () => {
    test("orders an ascending list, each with each", () => {
      const wrong = cases.ascending.flatMap((a, i) =>
        cases.ascending.flatMap((b, j) => (compare(a, b) === Math.sign(i - j) ? [] : [`${a} ? ${b}`])),
      );
      expect(wrong).toEqual([]);
    });

    test("takes different spellings of a version for the same", () => {
      const wrong = cases.equal.flatMap((row) =>
        row.flatMap((a) => row.flatMap((b) => (compare(a, b) === 0 ? [] : [`${a} ? ${b}`]))),
      );
      expect(wrong).toEqual([]);
    });

    test("refuses what is not a version", () => {
      expect(cases.refused.filter((text) => scheme.parse(text) !== undefined)).toEqual([]);
    });

    test("is given versions of which most parse", () => {
      const sample = fc.sample(cases.versions, { seed: runs.seed, numRuns: 200 });
      expect(sample.filter((text) => scheme.parse(text) !== undefined).length).toBeGreaterThan(100);
    });

    test("orders every version the same as itself", () => {
      fc.assert(
        fc.property(cases.versions, (a) => [0, undefined].includes(compare(a, a))),
        runs,
      );
    });

    test("gives the opposite answer the other way round", () => {
      fc.assert(
        fc.property(cases.versions, cases.versions, (a, b) => {
          const order = compare(a, b);
          return compare(b, a) === (order === undefined ? undefined : 0 - order);
        }),
        runs,
      );
    });

    test("is transitive", () => {
      const versions = cases.transitiveVersions ?? cases.versions;
      fc.assert(
        fc.property(versions, versions, versions, (a, b, c) => {
          const [first, second, both] = [compare(a, b), compare(b, c), compare(a, c)];
          if (first === undefined || second === undefined || both === undefined) return true;
          if (first <= 0 && second <= 0) return both === Math.min(first, second);
          if (first >= 0 && second >= 0) return both === Math.max(first, second);
          return true;
        }),
        { ...runs, numRuns: 10_000 },
      );
    });

    test("never throws, whatever the text", () => {
      fc.assert(
        fc.property(fc.oneof(anyText, cases.versions), anyText, (a, b) => {
          const order = compare(a, b);
          return order === undefined || [-1, 0, 1].includes(order);
        }),
        runs,
      );
    });

    test("compares numbers of any length exactly", () => {
      const digits = "9".repeat(versionLengthLimit - 1);
      expect(compare(`${digits}8`, `${digits}9`)).toBe(-1);
      expect(compare(`${digits}9`, `${digits}8`)).toBe(1);
      expect(compare("9007199254740993", "9007199254740992")).toBe(1);
      expect(compare("999999999999999", "1000000000000000")).toBe(-1);
    });

    test("refuses text above the limit and takes text at the limit", () => {
      expect(scheme.parse("1".repeat(versionLengthLimit))).toBeDefined();
      for (const unit of ["1", ".", "-", "1.", "1-", "1a", "~", "^", "_p", "1!", "+"]) {
        expect(scheme.parse(`1${unit.repeat(1024 * 1024)}`)).toBeUndefined();
        const longest = `1${unit.repeat(versionLengthLimit)}`.slice(0, versionLengthLimit);
        expect([0, undefined]).toContain(compare(longest, longest));
      }
    });
  });
}
