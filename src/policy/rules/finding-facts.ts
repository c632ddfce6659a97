import type { CheckResult } from "../../model/checks/check.ts";
import { type FileFinding, fileFindingId } from "../../model/findings/file-finding.ts";
import type { Finding, FindingPackage, Severity } from "../../model/findings/finding.ts";
import type { VulnerabilityFacts } from "../../model/findings/vulnerability-facts.ts";
import type { Layer } from "../../model/reports/report.ts";
import type { Environment, FindingKind } from "./policy-rule.ts";

/** What a policy knows of the target as a whole. */
export interface PolicyContext {
  readonly environment: Environment;
  /** The names of the target, as the user gave it and in full. */
  readonly images: readonly string[];
  /** Ages are counted in days of UTC, so an evaluation on the same day has the same result. */
  readonly now: Date;
  /** Lowest first; empty for what does not consist of layers. */
  readonly layers: readonly Pick<Layer, "index" | "digest" | "base">[];
  /** Ids of the feeds in the advisory database. */
  readonly feeds: readonly string[];
}

/** What a rule can test of one finding. An absent fact is not known. */
export interface FindingFacts {
  readonly kind: FindingKind;
  readonly ids: readonly string[];
  readonly severity: Severity;
  readonly paths: readonly string[];
  /** Present if the finding is a vulnerability. */
  readonly vulnerability?: {
    readonly package: { readonly type: string; readonly name: string };
    readonly fixAvailable: boolean;
    readonly ageInDays?: number;
    readonly epss?: number;
    readonly knownExploited?: boolean;
    readonly score?: number;
    /** Each with `CVSS:` at its start, the best source first. */
    readonly vectors: readonly string[];
    readonly layer?: Pick<Layer, "digest" | "base">;
  };
}

/** What a policy reads of a vulnerability. */
export interface PolicyFinding
  extends Pick<Finding, "id" | "aliases" | "severity" | "score" | "fixedIn" | "channelFix"> {
  readonly package: Pick<FindingPackage, "type" | "name" | "purl" | "paths" | "layer">;
  readonly published?: Finding["published"];
  readonly severities?: readonly { readonly statement: string }[];
  readonly facts?: Pick<VulnerabilityFacts, "exploitPrediction" | "knownExploited">;
}

/** The facts of a vulnerability. */
export function vulnerabilityFacts(finding: PolicyFinding, context: PolicyContext): FindingFacts {
  const { id, aliases, severity, score, fixedIn, channelFix, published, severities = [], facts } = finding;
  const { type, name, paths, layer: index } = finding.package;
  const layer = context.layers.find((each) => each.index === index);
  const age = published === undefined ? undefined : daysBetween(published, context.now);
  const epss = facts?.exploitPrediction?.probability;
  const isExploited = facts?.knownExploited !== undefined || (context.feeds.includes("kev") ? false : undefined);
  return {
    kind: "vulnerability",
    ids: [id, ...aliases],
    severity,
    paths,
    vulnerability: {
      package: { type, name },
      fixAvailable: fixedIn !== undefined || channelFix !== undefined,
      ...(age !== undefined && { ageInDays: age }),
      ...(epss !== undefined && { epss }),
      ...(isExploited !== undefined && { knownExploited: isExploited }),
      ...(score !== undefined && { score }),
      vectors: severities.map(({ statement }) => statement).filter((statement) => statement.startsWith("CVSS:")),
      ...(layer && { layer }),
    },
  };
}

/** The facts of a check that failed. */
export function checkFacts({ id, severity, location }: CheckResult): FindingFacts {
  return { kind: "check", ids: [id], severity, paths: location ? [location.path] : [] };
}

/** The facts of a secret or a malicious file. */
export function fileFindingFacts(finding: FileFinding): FindingFacts {
  const { kind, severity, path } = finding;
  return { kind, ids: [fileFindingId(finding)], severity, paths: [path] };
}

const day = 86_400_000;

/** Days of the calendar in UTC; undefined for a time that cannot be read. */
function daysBetween(text: string, now: Date): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.floor(now.getTime() / day) - Math.floor(time / day);
}
