import { describeExtractor } from "../../conformance.ts";
import { portage } from "./portage.ts";

const contents = [
  "dir /usr/bin",
  "obj /usr/bin/gcc config 0123456789abcdef0123456789abcdef 1700000000",
  "sym /usr/bin/cc -> gcc 1700000000",
].join("\n");

describeExtractor(portage, [
  {
    path: "var/db/pkg/sys-devel/gcc-config-2.11-r1/PF",
    bytes: bytesOf("gcc-config-2.11-r1\n"),
    expected: [{ kind: "package", package: { type: "ebuild", name: "sys-devel/gcc-config", version: "2.11-r1" } }],
  },
  {
    path: "var/db/pkg/sys-devel/gcc-config-2.11-r1/CONTENTS",
    bytes: bytesOf(contents),
    expected: [
      {
        kind: "ownership",
        owner: { type: "ebuild", name: "sys-devel/gcc-config" },
        paths: ["usr/bin/gcc config", "usr/bin/cc"],
      },
    ],
  },
  { path: "srv/var/db/pkg/a/b-1/PF", bytes: bytesOf("b-1\n"), expected: [] },
]);

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
