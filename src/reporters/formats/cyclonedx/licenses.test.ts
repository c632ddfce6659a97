import { expect, test } from "vitest";
import { licenseChoices } from "./licenses.ts";

test.each([
  [["MIT"], [{ license: { id: "MIT" } }]],
  [
    ["MIT", "ISC", "MIT"],
    [{ license: { id: "MIT" } }, { license: { id: "ISC" } }],
  ],
  [["GPLv2+"], [{ license: { name: "GPLv2+" } }]],
  [["(MIT OR Apache-2.0)"], [{ expression: "(MIT OR Apache-2.0)" }]],
  [["GPL-2.0-only WITH Classpath-exception-2.0"], [{ expression: "GPL-2.0-only WITH Classpath-exception-2.0" }]],
  [["MIT and BSD"], [{ license: { name: "MIT and BSD" } }]],
  [["(MIT OR"], [{ license: { name: "(MIT OR" } }]],
  [["MIT)"], [{ license: { name: "MIT)" } }]],
  [
    ["MIT OR Apache-2.0", "ISC"],
    [{ license: { name: "MIT OR Apache-2.0" } }, { license: { id: "ISC" } }],
  ],
  [[" ", ""], []],
])("%j becomes %j", (declared, expected) => {
  expect(licenseChoices(declared)).toEqual(expected);
});
