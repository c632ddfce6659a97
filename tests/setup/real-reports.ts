import { readdirSync } from "node:fs";
import { PlimsollError } from "../../src/model/error.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { examineTarget } from "../../src/pipeline/scan/examine-target.ts";
import { judgeContents, scanTarget } from "../../src/pipeline/scan/scan.ts";
import { corpusPath } from "./corpus.ts";
import { trivyDatabase } from "./trivy-database.ts";

const options = { signal: new AbortController().signal, now: new Date(0), verifyDigests: false };

/** Reports of the archives in the corpus, and of SBOMs judged with the advisories of Trivy's tests, by path. */
export async function realReports(): Promise<ReadonlyMap<string, Report>> {
  const reports = new Map<string, Report>();
  for (const path of archives()) {
    const report = await scanTarget(corpusPath(path), options).catch(unlessNoImage);
    if (report) reports.set(path, atPath(report, path));
  }
  const index = trivyDatabase();
  for (const path of sboms) {
    const contents = await examineTarget(corpusPath(path), options);
    const { report } = judgeContents({ contents, index, failures: [] }, options);
    reports.set(path, atPath(report, path));
  }
  index.close();
  return reports;
}

/** One of the archives holds no image. */
function unlessNoImage(error: unknown): undefined {
  if (!(error instanceof PlimsollError) || error.code !== "archive-not-recognised") throw error;
}

/** The corpus is somewhere else on each machine. */
function atPath(report: Report, path: string): Report {
  return { ...report, target: { ...report.target, name: path } };
}

function archives(): string[] {
  return ["docker-archive", "oci-archive"].flatMap((kind) =>
    readdirSync(corpusPath("images", kind))
      .filter((name) => !name.endsWith(".json"))
      .map((name) => `images/${kind}/${name}`),
  );
}

const sboms = [
  "trivy-goldens/sbom/input/fluentd-multiple-lockfiles-cyclonedx.json",
  "trivy-goldens/sbom/input/minikube-kbom.json",
  "sbom-vex/syft/spdxjson/spdx/alpine-3.10.syft.spdx.json",
  "sbom-vex/spdx/tools-golang/SPDXJSONExample-v2.3.spdx.json",
];
