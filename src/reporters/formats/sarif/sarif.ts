import type { CheckReport } from "../../../model/checks/check.ts";
import { fileFindings } from "../../../model/findings/file-finding.ts";
import type { Severity } from "../../../model/findings/finding.ts";
import type { WorkloadReport } from "../../../model/images/workload.ts";
import type { RegistryImage, RegistryReport } from "../../../model/reports/registry-report.ts";
import type { Report } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import { severities } from "../../package-groups.ts";
import { layerName } from "../../place-text.ts";
import { buildRun } from "./build-run.ts";
import { checkResult } from "./check-result.ts";
import { fileFindingResult } from "./file-finding-result.ts";
import { mostRuns } from "./limits.ts";
import type { SarifRun } from "./sarif-log.ts";
import { vulnerabilityResult } from "./vulnerability-result.ts";
import { workloadResults } from "./workload-results.ts";

/*
 * SARIF 2.1.0 within the limits of GitHub's code scanning. Findings that do not count (suppressed by a statement, or
 * waived) are counted in the properties of the run and are not results: GitHub would open alerts for them.
 */

/** The findings of a scan. */
export function scanSarif(report: Report): Iterable<string> {
  const { target, database, findings } = report;
  const layers = new Map(report.layers.map((layer) => [layer.index, layerName(layer, report)]));
  const waived = [report.waived, report.waivedSecrets, report.waivedMalware].reduce(
    (sum, list = []) => sum + list.length,
    0,
  );
  const results = findings.map((finding) =>
    vulnerabilityResult(finding, {
      target,
      layer: finding.package.layer === null ? undefined : layers.get(finding.package.layer),
      knownExploited: finding.facts?.knownExploited !== undefined,
    }),
  );
  const platform = target.platform === undefined ? [] : [target.platform];
  return write([
    buildRun({
      version: report.tool.version,
      id: ["scan", target.kind, target.name, ...platform],
      results: [...results, ...fileFindings(report).map((finding) => fileFindingResult(finding, target))],
      problems: report.problems,
      remarks: [...database.limits, ...(report.idleWaivers ?? []), ...filterRemark(report)],
      verdict: report.verdict,
      notCounted: {
        suppressed: report.suppressed.length,
        ...(waived > 0 && { waived }),
      },
    }),
  ]);
}

/** The checks that failed. Checks that could not be evaluated are notifications. */
export function checkSarif(report: CheckReport): Iterable<string> {
  const { target, results, counts } = report;
  const blind = results.filter(({ state }) => state === "warn");
  return write([
    buildRun({
      version: report.tool.version,
      id: ["check", target.kind, target.name],
      results: results.filter(({ state }) => state === "fail").map((result) => checkResult(result, target)),
      problems: report.problems,
      remarks: [
        ...blind.map(({ id, resource, reason }) => {
          const where = resource === undefined ? "" : ` on ${resource}`;
          return `${id}${where} could not be evaluated: ${reason ?? "no reason"}`;
        }),
        ...(report.idleWaivers ?? []),
      ],
      verdict: report.verdict,
      notCounted: { waived: counts.waived, manual: counts.manual },
    }),
  ]);
}

/** A run for each image; of more than GitHub takes, those with the worst findings. */
export function registrySarif(report: RegistryReport): Iterable<string> {
  const { kept, leftOut } = worstImages(report.images);
  const { registry } = report.scope;
  const remarks = [
    ...report.database.limits,
    ...filterRemark(report),
    ...report.failures.map(
      ({ repository = registry, tags, message }) => `${[repository, ...tags].join(":")}: ${message}`,
    ),
    ...report.unknown.map((repository) => `${repository} is listed and was not found`),
    ...(leftOut > 0
      ? [`${counted(leftOut, "image")} left out: GitHub takes ${mostRuns} runs in a file. Use --format json for all.`]
      : []),
  ];
  const runs = kept.map((image) => imageRun(image, { report, remarks }));
  if (runs.length > 0) return write(runs);
  const { version } = report.tool;
  const { verdict } = report;
  const id = ["registry", registry, report.scope.prefix ?? ""];
  return write([buildRun({ version, id, results: [], problems: [], remarks, verdict, notCounted: {} })]);
}

function imageRun(
  image: RegistryImage,
  { report, remarks }: { readonly report: RegistryReport; readonly remarks: readonly string[] },
): SarifRun {
  const { repository, tags, digest, platform } = image;
  const name = `${report.scope.registry}/${repository}${tags[0] === undefined ? `@${digest}` : `:${tags[0]}`}`;
  const target = { kind: "registry", name } as const;
  const results = image.findings.map((finding) =>
    vulnerabilityResult(finding, { target, knownExploited: finding.knownExploited }),
  );
  return buildRun({
    version: report.tool.version,
    id: ["scan", "registry", name, ...(platform === undefined ? [] : [platform])],
    results,
    problems: image.problems,
    remarks,
    verdict: image.verdict,
    notCounted: { suppressed: image.suppressed, ...(image.waived && { waived: image.waived }) },
  });
}

/** What runs now: images with findings, and images without a digest. */
export function workloadsSarif(report: WorkloadReport): Iterable<string> {
  return write([
    buildRun({
      version: report.tool.version,
      id: ["ps"],
      results: workloadResults(report),
      problems: [],
      remarks: [
        ...report.unlisted.map(({ engine, message }) => `${engine}: ${message}`),
        ...report.workloads
          .filter(({ scan }) => scan === null)
          .map(({ engine, name, image }) => `${engine} ${name}: ${image} was not scanned`),
      ],
      notCounted: {},
    }),
  ]);
}

interface WorstImages {
  readonly kept: readonly RegistryImage[];
  readonly leftOut: number;
}

/** Keeps no more than the images of one file in memory; they stay in their order. */
function worstImages(images: Iterable<RegistryImage>): WorstImages {
  const kept: { readonly image: RegistryImage; readonly at: number }[] = [];
  let at = 0;
  for (const image of images) {
    kept.push({ image, at: at++ });
    if (kept.length <= mostRuns) continue;
    kept.sort((a, b) => compareCounts(a.image.severities, b.image.severities) || a.at - b.at);
    kept.pop();
  }
  return { kept: kept.sort((a, b) => a.at - b.at).map(({ image }) => image), leftOut: at - kept.length };
}

type Counts = Readonly<Partial<Record<Severity, number>>>;

function compareCounts(a: Counts, b: Counts): number {
  for (const severity of severities) {
    const difference = (b[severity] ?? 0) - (a[severity] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function filterRemark({ filter }: Pick<Report, "filter">): string[] {
  return filter && filter.leftOut > 0 ? [`${counted(filter.leftOut, "finding")} left out by a filter`] : [];
}

function* write(runs: readonly SarifRun[]): Generator<string> {
  const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  yield `{\n"$schema": ${JSON.stringify(schema)},\n"version": "2.1.0",\n"runs": [`;
  for (const [index, run] of runs.entries()) {
    const { results, ...rest } = run;
    yield `${index > 0 ? "," : ""}\n${JSON.stringify(rest).slice(0, -1)},\n"results": [`;
    for (const [at, result] of results.entries()) yield `${at > 0 ? "," : ""}\n${JSON.stringify(result)}`;
    yield "\n]}";
  }
  yield "\n]\n}\n";
}
