import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";

const subject = { purl: "", paths: [], layer: null };
const alpine: Distribution = { id: "alpine", idLike: [], version: "3.20.1", name: "Alpine Linux" };
const rocky: Distribution = { id: "rocky", idLike: ["rhel"], version: "9.4", name: "Rocky Linux" };
const debian: Distribution = { id: "debian", idLike: [], version: "12", name: "Debian" };
const django: Package = {
  ...subject,
  type: "pypi",
  name: "django",
  version: "1.11.29",
  ownedBy: { type: "apk", name: "py3-django" },
};
const owner: Package = { ...subject, type: "apk", name: "py3-django", version: "1.11.29-r2" };
const index = advisoryIndex(
  [
    ["CVE-1", "Alpine:v3.20", "py3-django"],
    ["DSA-1", "Debian:12", "python3-django"],
    ["RLSA-1", "Rocky Linux:9", "python-django"],
    ["PYSEC-1", "PyPI", "django"],
  ].map(([id = "", ecosystem = "", name = ""]) => ({
    id,
    modified: "2024-08-16T16:10:31Z",
    affected: [{ package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "9" }] }] }],
  })),
);

function limits(packages: readonly Package[], distribution: Distribution): readonly string[] {
  return findVulnerabilities(packages, { distribution, index }).limits;
}

test("where advisories tell fixes alone it is said, with what else is left to them", () => {
  const clause = (of: string): string =>
    `the advisories of ${of} list a vulnerability only when it is fixed; vulnerabilities without a fix are not listed`;
  expect(limits([owner], alpine)).toEqual([clause("Alpine")]);
  const rpm: Package = { ...owner, type: "rpm" };
  const ofRpm: Package = { ...django, ownedBy: { type: "rpm", name: "python3-django" } };
  expect(limits([rpm, ofRpm], rocky)).toEqual([
    `${clause("Rocky Linux")}, including those in a package of a language that its own packages contain`,
  ]);
  expect(limits([rpm, ofRpm, { ...ofRpm, name: "sqlparse" }], rocky)).toEqual([
    `${clause("Rocky Linux")}, including those in 2 packages of languages that its own packages contain`,
  ]);
});

test("packages of languages are not left to a distribution that follows upstream", () => {
  expect(limits([owner, django], alpine)).toEqual([
    "the advisories of Alpine list a vulnerability only when it is fixed; vulnerabilities without a fix are not listed",
  ]);
});

test("nothing is said of advisories that name open vulnerabilities too, and of those that are missing", () => {
  const deb: Package = { ...owner, type: "deb", name: "python3-django" };
  expect(limits([deb, { ...django, ownedBy: { type: "deb", name: "python3-django" } }], debian)).toEqual([]);
  expect(limits([owner], { ...alpine, version: "3.10.0" })).toEqual([]);
});
