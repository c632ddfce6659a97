import type { JudgedWorkload, WorkloadScan } from "../model/images/workload.ts";
import { severities } from "./package-groups.ts";

/** How an image stands, worst first. */
export const standings = ["denied", "cannot-tell", "not-scanned", "not-judged", "warned", "allowed"] as const;

/** The known state of a running image: its verdict, or that there is none. */
export type Standing = (typeof standings)[number];

/** An image and everything that runs it under one name. */
export interface ImageGroup {
  readonly image: string;
  readonly standing: Standing;
  readonly scan: WorkloadScan | null;
  /** Never empty. */
  readonly workloads: readonly JudgedWorkload[];
}

/** The workloads by the image that they run, worst image first. */
export function groupByImage(workloads: readonly JudgedWorkload[]): readonly ImageGroup[] {
  const groups = Map.groupBy(workloads, ({ image, imageId, digest, platform }) =>
    JSON.stringify([image, imageId, digest, platform]),
  );
  return [...groups.values()]
    .map((group): ImageGroup => {
      const scan = group[0]?.scan ?? null;
      return { image: group[0]?.image ?? "", standing: standingOf(scan), scan, workloads: group };
    })
    .sort(byUrgency);
}

function standingOf(scan: WorkloadScan | null): Standing {
  return scan === null ? "not-scanned" : scan.verdict.decision;
}

function byUrgency(a: ImageGroup, b: ImageGroup): number {
  const bySeverity = severities.map(
    (severity) => (b.scan?.findings[severity] ?? 0) - (a.scan?.findings[severity] ?? 0),
  );
  return (
    standings.indexOf(a.standing) - standings.indexOf(b.standing) ||
    (bySeverity.find((difference) => difference !== 0) ?? 0) ||
    (a.image < b.image ? -1 : a.image > b.image ? 1 : 0)
  );
}
