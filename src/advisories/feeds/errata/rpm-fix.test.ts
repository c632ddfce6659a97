import { expect, test } from "vitest";
import { entryLines } from "../../../../tests/setup/parse-part.ts";
import { affectedBy, type RpmFix } from "./rpm-fix.ts";

const all = ["aarch64", "x86_64"];

function lines(...fixes: Partial<RpmFix>[]): string[] {
  const whole = fixes.map((fix) => ({ ecosystem: "L:1", name: "a", ...fix }));
  return entryLines({ id: "X-1", modified: "1970-01-01T00:00:00Z", affected: affectedBy(whole, all) });
}

test("a fix on every architecture names none", () => {
  expect(lines({ fixed: "0:1-2", architecture: "aarch64" }, { fixed: "0:1-2", architecture: "x86_64" })).toEqual([
    "L:1 a [0, 0:1-2)",
  ]);
  expect(lines({ fixed: "0:1-2", architecture: "noarch" })).toEqual(["L:1 a [0, 0:1-2)"]);
  expect(lines({ fixed: "0:1-2" })).toEqual(["L:1 a [0, 0:1-2)"]);
});

test("fixes that differ by architecture stay apart", () => {
  const fixes = [
    { fixed: "0:1-3", architecture: "aarch64" },
    { fixed: "0:1-2", architecture: "x86_64" },
    { fixed: "0:1-2", architecture: "i686" },
  ];
  expect(lines(...fixes)).toEqual(["L:1 a [0, 0:1-2) i686,x86_64", "L:1 a [0, 0:1-3) aarch64"]);
});

test("of several fixes the highest counts, and no fix at all for more", () => {
  expect(lines({ fixed: "0:1-9" }, { fixed: "0:1-10" }, { fixed: "0:1-2" })).toEqual(["L:1 a [0, 0:1-10)"]);
  expect(lines({ fixed: "0:1-9" }, {})).toEqual(["L:1 a [0, )"]);
  expect(lines({}, { fixed: "0:1-9" })).toEqual(["L:1 a [0, )"]);
  expect(lines({ lastAffected: "0:1-9" }, { lastAffected: "0:1-8" })).toEqual(["L:1 a [0, 0:1-9]"]);
});

test("what is restricted in another way stays apart", () => {
  const fixes: Partial<RpmFix>[] = [
    { fixed: "0:1-2", module: "a:1" },
    { fixed: "0:1-2", module: "a:2" },
    { fixed: "0:1-2", channel: "fips" },
    { fixed: "0:1-2", introduced: "0:1" },
  ];
  expect(lines(...fixes)).toHaveLength(4);
});
