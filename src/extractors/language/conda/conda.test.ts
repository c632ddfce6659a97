import { describeExtractor } from "../../conformance.ts";
import { conda } from "./conda.ts";

const record = {
  ...{ name: "openssl", version: "1.1.1k", build: "h27cfd23_0", subdir: "linux-64", license: "OpenSSL" },
  channel: "https://user@repo.example.org/t/secret/pkgs/main/linux-64",
};

describeExtractor(conda, [
  {
    path: "opt/conda/conda-meta/openssl-1.1.1k-h27cfd23_0.json",
    bytes: new TextEncoder().encode(JSON.stringify(record)),
    expected: [
      {
        kind: "package",
        package: {
          ...{ type: "conda", name: "openssl", version: "1.1.1k", licenses: ["OpenSSL"] },
          qualifiers: { build: "h27cfd23_0", channel: "repo.example.org/pkgs/main/linux-64", subdir: "linux-64" },
        },
      },
    ],
  },
  { path: "conda-meta/history/a.json", bytes: new TextEncoder().encode("{}"), expected: [] },
]);
