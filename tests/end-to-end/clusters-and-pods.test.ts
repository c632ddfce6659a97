import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { feedServer } from "../setup/feed-server.ts";
import { clusterAndPodFiles } from "../setup/publisher-examples.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

/** Scans a CycloneDX document of these package URLs with no database at hand; what it needs is fetched from the server. */
async function scan(purls: readonly string[], ...more: string[]): Promise<{ requests: string[]; stdout: string }> {
  const server = await feedServer(clusterAndPodFiles());
  const components = purls.map((purl) => {
    const [, name = "", version = ""] = /^pkg:\w+\/(?:gke\/)?([^@]+)@(.+)$/.exec(decodeURIComponent(purl)) ?? [];
    return { type: "application", name, version, purl };
  });
  const path = join(folder, "bom.json");
  writeFileSync(path, JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components }));
  const home = join(folder, `data-${purls.length}-${more.length}-${components[0]?.version}`);
  const env = { PLIMSOLL_OFFLINE: "0", PLIMSOLL_MIRROR: server.address, XDG_DATA_HOME: home };
  const { stdout, stderr } = await plimsoll(["scan", `sbom:${path}`, ...more], { env });
  expect(stderr).toBe("");
  return { requests: server.requests.map(({ address }) => address), stdout };
}

test("the parts of a cluster are held against Kubernetes' own feed, which alone is fetched; its age is told", async () => {
  const { requests, stdout } = await scan(
    [
      "pkg:k8s/k8s.io%2Fkubelet@1.27.0",
      "pkg:k8s/gke/k8s.io%2Fkubelet@v1.27.2-gke.1200",
      "pkg:k8s/k8s.io%2Fapiserver@1.27.0",
    ],
    ...["-f", "json"],
  );
  const { findings, database, problems, verdict } = JSON.parse(stdout) as Report;
  expect(verdict.decision).toBe("cannot-tell");
  expect(findings.map(({ id, fixedIn, severity, package: { version } }) => [id, version, fixedIn, severity])).toEqual([
    ["CVE-2023-2431", "1.27.0", "1.27.2", "low"],
  ]);
  expect(problems).toEqual([]);
  expect(database.ecosystems.map(({ ecosystem }) => ecosystem)).toEqual(["Kubernetes"]);
  expect(database.limits.join()).toContain("the newest advisory of Kubernetes is from 2023-06-15");
  expect(requests).toEqual(["github.com/kubernetes-sigs/cve-feed-osv/archive/refs/heads/main.tar.gz"]);
});

test("why a vulnerability is not reported may be that the feed of Kubernetes has stood still", async () => {
  await scan(["pkg:k8s/k8s.io%2Fkubelet@1.31.0"]);
  const server = await feedServer(clusterAndPodFiles());
  const env = { PLIMSOLL_OFFLINE: "0", PLIMSOLL_MIRROR: server.address, XDG_DATA_HOME: join(folder, "why-not") };
  const { stdout } = await plimsoll(["why-not", "CVE-2099-0001", `sbom:${join(folder, "bom.json")}`], { env });
  expect(stdout).toContain(
    "The newest advisory of Kubernetes is from 2023-06-15: later vulnerabilities are probably missing.",
  );
});

test("a pod is held against the advisories for the repository that its specs name, under all their names", async () => {
  const pods = ["pkg:cocoapods/_NIODataStructures@2.41.0", "pkg:cocoapods/Alamofire@2.41.0"];
  const { requests, stdout } = await scan(pods, "-f", "json");
  const { findings, problems } = JSON.parse(stdout) as Report;
  expect(findings.map(({ id, aliases, fixedIn, package: { name } }) => [id, aliases, name, fixedIn])).toEqual([
    ["CVE-2022-3215", ["COCOAPODS-GHSA-7fj7-39wj-c64f", "GHSA-7fj7-39wj-c64f"], "_NIODataStructures", "2.42.0"],
  ]);
  expect(findings[0]).toMatchObject({ severity: "medium", severities: [{ source: "GitHub" }] });
  expect(problems).toEqual([]);
  expect(requests).toHaveLength(2);
});

test("why a pod is reported is told", async () => {
  const { stdout } = await scan(["pkg:cocoapods/_NIODataStructures@2.41.0"], "--explain", "GHSA-7fj7-39wj-c64f");
  expect(stdout).toContain("COCOAPODS-GHSA-7fj7-39wj-c64f");
  expect(stdout).toContain("_NIODataStructures");
  expect(stdout).toContain("2.42.0");
});
