import { expect, test } from "vitest";
import { standardLibraryVersion } from "./go-version.ts";

test.each([
  ["go1.21.3", "1.21.3"],
  ["go1.21.3 X:boringcrypto,loopvar", "1.21.3"],
  ["go1.22.3-1", "1.22.3"],
  ["v1.20", "1.20"],
  ["go1.21rc2", "1.21rc2"],
  ["1.27.0-rc.2", "1.27.0-rc.2"],
  ["1.24.0-beta.1", "1.24.0-beta.1"],
  ["devel go1.23-abcdef", "devel go1.23-abcdef"],
])("the standard library of %s is compared as %s", (version, compared) => {
  expect(standardLibraryVersion(version)).toBe(compared);
});
