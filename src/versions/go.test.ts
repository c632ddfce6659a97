import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { go } from "./go.ts";

describeScheme(go, {
  ascending: [
    "v0.0.0-00010101000000-000000000000",
    "v0.0.0-20190308221718-c2843e01d9a2",
    "v0.0.0-20210921155107-089bfa567519",
    "v0.1.0",
    "go1.20.14",
    "1.21.0-0",
    "go1.21beta1",
    "1.21rc2",
    "go1.21rc10",
    "go1.21",
    "1.21.1",
    "v1.25.0+incompatible",
  ],
  equal: [
    ["go1.21rc2", "1.21rc2", "1.21.0-rc.2", "v1.21.0-rc.2"],
    ["go1.22.3", "1.22.3", "go1.22.3-builder", "go1.22.3 X:boringcrypto", "v1.22.3+dirty"],
  ],
  refused: [
    "",
    "go",
    "(devel)",
    "devel go1.23-abcdef",
    "go1.26-devel_12ab Tue",
    "unknown",
    "go1.",
    "go1.21alpha1",
    "1.21 beta",
    "go1.2.3.4x",
  ],
  versions: fc
    .tuple(
      fc.constantFrom("", "v", "go"),
      fc.constantFrom("0.0.0", "1.2", "1.2.3", "1.10"),
      fc.constantFrom("", "rc1", "beta2", "-0.20240101000000-abcdef012345", "-rc.1", "+incompatible"),
    )
    .map((parts) => parts.join("")),
});
