import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Advisory } from "../../../model/findings/advisory.ts";
import type { VexStatement } from "../../../model/findings/vex.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";

const subject = { purl: "", paths: [], layer: null };
const alpine: Distribution = { id: "alpine", idLike: [], version: "3.12.0", name: "Alpine Linux" };
const rocky: Distribution = { id: "rocky", idLike: ["rhel"], version: "9.4", name: "Rocky Linux" };
const django: Package = {
  ...subject,
  type: "pypi",
  name: "django",
  version: "1.11.29",
  ownedBy: { type: "apk", name: "py3-django-lib" },
};
const owner: Package = {
  ...subject,
  type: "apk",
  name: "py3-django-lib",
  version: "1.11.29-r2",
  source: { name: "py3-django", version: "1.11.29-r2" },
};

function record(id: string, [ecosystem, name]: readonly [string, string], fixed: string): Advisory {
  const events = [{ introduced: "0" }, { fixed }];
  return {
    id,
    modified: "2024-08-16T16:10:31Z",
    affected: [{ package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events }] }],
  };
}

/** Four vulnerabilities of Django, as its language knows them. */
const ofPyPi = [1, 2, 3, 4].map((number) => ({
  ...record(`PYSEC-${number}`, ["PyPI", "django"], "2.2.25"),
  aliases: [`CVE-2021-000${number}`],
}));

const notAffected: VexStatement = {
  author: "Alpine",
  vulnerability: { name: "CVE-2021-0003" },
  products: [],
  status: "not_affected",
};

const index = advisoryIndex(
  [
    ...ofPyPi,
    record("CVE-2021-0002", ["Alpine:v3.12", "py3-django"], "1.11.29-r1"),
    record("CVE-2021-0004", ["Alpine:v3.13", "py3-django"], "2.2.25-r0"),
    record("RLSA-1", ["Rocky Linux:9", "python-django"], "1"),
  ],
  [{ kind: "statement", ecosystem: "Alpine:v3.12", name: "py3-django", statement: notAffected }],
);

function found(packages: readonly Package[], distribution = alpine): string[] {
  const { findings, problems } = findVulnerabilities(packages, { distribution, index });
  expect(problems).toEqual([]);
  return findings.map(({ id }) => id);
}

test("where the distribution follows upstream and tells fixes alone, vulnerabilities of which it does not speak are found by the language", () => {
  expect(found([owner, django])).toEqual(["CVE-2021-0001", "CVE-2021-0004"]);
});

test("the owner is looked up by its own name when the target does not hold it", () => {
  expect(found([{ ...django, ownedBy: { type: "apk", name: "py3-django" } }])).toEqual([
    "CVE-2021-0001",
    "CVE-2021-0004",
  ]);
  expect(found([django])).toHaveLength(4);
});

test("where fixes are brought back, the distribution alone is heard", () => {
  const rpm: Package = { ...owner, type: "rpm", vendor: "Rocky Enterprise Software Foundation" };
  expect(found([rpm, { ...django, ownedBy: { type: "rpm", name: rpm.name } }], rocky)).toEqual([]);
});

test("what no language knows is left to the owner without a word", () => {
  expect(found([owner, { ...django, type: "generic" }])).toEqual([]);
});
