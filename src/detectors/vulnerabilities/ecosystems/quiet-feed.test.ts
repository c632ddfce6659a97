import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Package } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";

const subject = { purl: "", paths: [], layer: null };
const kubelet: Package = { ...subject, type: "k8s", name: "k8s.io/kubelet", version: "1.33.0" };
const gem: Package = { ...subject, type: "gem", name: "rack", version: "3.0.0" };
const index = advisoryIndex(
  [
    ["CVE-2024-7646", "Kubernetes", "k8s.io/ingress-nginx"],
    ["GHSA-1", "RubyGems", "rack"],
  ].map(([id = "", ecosystem = "", name = ""]) => ({
    id,
    modified: "2024-08-16T16:10:31Z",
    affected: [{ package: { ecosystem, name }, ranges: [{ type: "SEMVER", events: [{ introduced: "9.0.0" }] }] }],
  })),
);

function limits(packages: readonly Package[], now: string | undefined): readonly string[] {
  const found = findVulnerabilities(packages, { distribution: null, index, ...(now && { now: new Date(now) }) });
  expect(found.open).toEqual(found.limits);
  return found.limits;
}

test("a part of a cluster is not called clean by a feed that has stood still for half a year: the answer stays open", () => {
  expect(limits([kubelet, kubelet, gem], "2026-01-01")).toEqual([
    "the newest advisory of Kubernetes is from 2024-08-16: later vulnerabilities are probably missing",
  ]);
});

test("nothing is said of a feed that is filled, of one that only has little to tell, and without a day", () => {
  expect(limits([kubelet], "2024-12-01")).toEqual([]);
  expect(limits([gem], "2026-01-01")).toEqual([]);
  expect(limits([kubelet], undefined)).toEqual([]);
});
