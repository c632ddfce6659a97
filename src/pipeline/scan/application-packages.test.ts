// Packages of applications in an image, through `examineTarget` and `judgeContents`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import { dockerLayout, layoutTar } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { elfWithSection } from "../../extractors/binary/cargo-auditable/synthetic-sections.ts";
import type { Advisory } from "../../model/findings/advisory.ts";
import { examineTarget } from "./examine-target.ts";
import { judgeContents } from "./scan.ts";

const folder = temporaryFolder();
const now = new Date(0);
const signal = new AbortController().signal;
const redis = {
  name: "redis",
  externalRefs: [{ referenceType: "purl", referenceLocator: "pkg:bitnami/redis@6.2.6-1?arch=amd64&distro=debian-12" }],
};
const crates = deflateSync(JSON.stringify({ packages: [{ name: "time", version: "0.1.42", source: "crates.io" }] }));

test.each([
  {
    ecosystem: "NuGet",
    name: "Newtonsoft.Json",
    file: "app/app.deps.json",
    content: JSON.stringify({ libraries: { "newtonsoft.json/12.0.1": { type: "package" } } }),
  },
  {
    ecosystem: "Packagist",
    name: "symfony/http-kernel",
    file: "app/vendor/composer/installed.json",
    content: JSON.stringify({ packages: [{ name: "symfony/http-kernel", version: "v5.4.1" }] }),
  },
  { ecosystem: "crates.io", name: "time", file: "usr/local/bin/app", content: elfWithSection(".dep-v0", crates) },
  {
    ecosystem: "Bitnami",
    name: "redis",
    file: "opt/bitnami/redis/.spdx-redis.spdx",
    content: JSON.stringify({ packages: [redis] }),
  },
])("a package of $ecosystem in an image is held against the advisories", async ({ ecosystem, name, file, content }) => {
  const path = join(folder, "image.tar");
  writeFileSync(path, layoutTar(dockerLayout([{ layers: [{ members: [{ name: file, content }] }] }])));
  const contents = await examineTarget(path, { verifyDigests: false, signal, now });
  const ranges = [{ type: "ECOSYSTEM" as const, events: [{ introduced: "0" }, { fixed: "99.0.0" }] }];
  const affected = [{ package: { ecosystem, name }, ranges }];
  const advisory: Advisory = { id: "TEST-1", modified: "2024-01-01T00:00:00Z", affected };
  const { report } = judgeContents(
    { contents, index: advisoryIndex([advisory]), failures: [], known: undefined },
    { verifyDigests: false, now, signal },
  );
  expect(report.problems).toEqual([]);
  expect(report.findings).toMatchObject([{ id: "TEST-1", package: { paths: [file] } }]);
});
