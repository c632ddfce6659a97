import { describeExtractor } from "../../conformance.ts";
import { homebrew } from "./homebrew.ts";

const bytes = new TextEncoder().encode("{}");

describeExtractor(homebrew, [
  {
    path: "home/linuxbrew/.linuxbrew/Cellar/openssl@3/3.3.1_1/INSTALL_RECEIPT.json",
    bytes,
    expected: [{ kind: "package", package: { type: "brew", name: "openssl@3", version: "3.3.1_1" } }],
  },
  { path: "srv/INSTALL_RECEIPT.json", bytes, expected: [] },
]);
