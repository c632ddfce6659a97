import { describeExtractor } from "../../conformance.ts";
import { snap } from "./snap.ts";

const yaml = "name: core\nsummary: a runtime\nversion: '16-2.61.4' # of June\ntype: os\n";

describeExtractor(snap, [
  {
    path: "snap/core/17200/meta/snap.yaml",
    bytes: new TextEncoder().encode(yaml),
    expected: [{ kind: "package", package: { type: "snap", name: "core", version: "16-2.61.4" } }],
  },
  { path: "srv/meta/snap.yaml", bytes: new TextEncoder().encode(yaml), expected: [] },
]);
