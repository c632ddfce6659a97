import { expect, test } from "vitest";
import { readAccounts } from "./read-accounts.ts";

test("accounts without a password, shared ids and doubled names are found", () => {
  expect(
    readAccounts({
      passwd:
        "root:x:0:0::/root:/bin/sh\n# comment\ntoor:x:0:0::/root:/bin/sh\na::1:1::/:/bin/sh\na:x:2:2::/:/bin/sh\r\n",
      shadow: "root:$6$hash:1::::::\nb::1::::::\nc:!:1::::::\n",
      group: "root:x:0:\nx:x:5:\ny:x:5:\n",
    }),
  ).toEqual({
    withoutPassword: ["a", "b"],
    sharedUserIds: [{ id: "0", names: ["root", "toor"] }],
    sharedGroupIds: [{ id: "5", names: ["x", "y"] }],
    doubledNames: ["a"],
    otherRoots: ["toor"],
  });
});

test("an image without account files has nothing to report", () => {
  expect(Object.values(readAccounts({})).flat()).toEqual([]);
});
