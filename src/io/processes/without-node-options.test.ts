import { expect, test } from "vitest";
import { withoutNodeOptions } from "./without-node-options.ts";

test.each([
  [
    "unable to get issuer certificate; if the root CA is installed locally, try running Node.js with --use-system-ca",
    "unable to get issuer certificate",
  ],
  ["a certificate; of Node.js; with --care", "a certificate; of Node.js; with --care"],
  ["", ""],
])("of %j stays %j", (message, expected) => {
  expect(withoutNodeOptions(message)).toBe(expected);
});
