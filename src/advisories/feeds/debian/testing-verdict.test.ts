import { expect, test } from "vitest";
import { testingVerdict } from "./testing-verdict.ts";

const open = { status: "open", urgency: "low" };
const unaffected = { status: "resolved", fixed_version: "0", urgency: "low" };

function fixed(version: string): object {
  return { status: "resolved", fixed_version: version, urgency: "low" };
}

/** What a verdict comes to, in short: `before 1.2-1, = 1.3-1`. */
function told(testing: unknown, sid: unknown): string | undefined {
  const verdict = testingVerdict(testing, sid);
  if (verdict?.kind !== "affected") return verdict?.kind;
  const ranges = verdict.ranges.map(({ events }) => `before ${events[1]?.fixed ?? "any end"}`);
  return [...ranges, ...(verdict.versions ?? []).map((version) => `= ${version}`)].join(", ");
}

test("what is open in testing and fixed in unstable is fixed from unstable's version on", () => {
  expect(told(open, fixed("1.2-1"))).toBe("before 1.2-1");
});

test("of a package that testing does not have, what is said of unstable counts", () => {
  expect(told(undefined, open)).toBe("before any end");
  expect(told(undefined, fixed("1.2-1"))).toBe("before 1.2-1");
  expect(told(undefined, unaffected)).toBe("not-affected");
  expect(told(undefined, undefined)).toBeUndefined();
});

test("the version in unstable is affected where testing alone is fixed, or has never been affected", () => {
  const sid = { ...open, repositories: { sid: "1.3-1" } };
  expect(told(fixed("1.2-1"), sid)).toBe("before 1.2-1, = 1.3-1");
  expect(told(unaffected, sid)).toBe("= 1.3-1");
  expect(told(unaffected, open)).toBe("not-affected");
});

test("else testing's word counts", () => {
  expect(told(open, open)).toBe("before any end");
  expect(told(open, unaffected)).toBe("before any end");
  expect(told(fixed("1.2-1"), fixed("1.3-1"))).toBe("before 1.2-1");
  expect(told(unaffected, fixed("1.3-1"))).toBe("not-affected");
  expect(told({ status: "resolved" }, open)).toBeUndefined();
});
