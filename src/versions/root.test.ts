import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { dpkg } from "./dpkg.ts";
import { root } from "./root.ts";
import { semver } from "./semver.ts";

const mark = fc.constantFrom("", "", ".root.io.1", ".root.io.2", "+root.io.10", "-root.io.01", ".root.io.0");

describeScheme(root(semver), {
  ascending: [
    "0.9",
    "1.0.0-rc.1",
    "1.0.0-rc.1.root.io.3",
    "1.0.0",
    "1.0.0.root.io.1",
    "1.0.0-root.io.2",
    "1.0.0+root.io.10",
    "1.0.1",
  ],
  equal: [
    ["1.0.0", "1.0", "1.0.0.root.io.0", " 1.0.0+root.io.0\n"],
    ["1.0.0.root.io.7", "1.root.io.07", "1.0.0-root.io.7"],
  ],
  refused: ["", "root.io.1", "a.root.io.1", "1.0.0.root.io", "1.0.0.root.io.1.root.io.a", "1.0.0 root.io.1"],
  versions: fc
    .tuple(fc.constantFrom("1", "1.0.0", "1.2.0", "1.10.0", "1.0.0-a", "1.0.0-a.1", "1.0.0-1"), mark)
    .map((parts) => parts.join("")),
});

describeScheme(root(dpkg), {
  ascending: [
    "1.0~rc1-1",
    "1.0-1~deb12u1",
    "1.0-1",
    "1.0-1.root.io.1",
    "1.0-1.root.io.10",
    "1.0-1+deb12u1",
    "1:0.root.io.1",
  ],
  equal: [["1.0-1.root.io.1", "0:1.0-01.root.io.1"]],
  refused: ["", "a", ".root.io.1"],
  versions: fc
    .tuple(fc.constantFrom("1", "1.0-1", "1:1.0-1", "1.0-1~a", "1.0-1+b1", "1.10"), mark)
    .map((parts) => parts.join("")),
});
