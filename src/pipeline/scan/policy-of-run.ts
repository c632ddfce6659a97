import { createHash } from "node:crypto";
import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import { untilFixed } from "../../model/findings/waiver.ts";
import { parseReference, referenceText } from "../../model/packages/reference.ts";
import type { Report, TargetKind } from "../../model/reports/report.ts";
import { allPolicies, type Policy } from "../../policy/file/policy.ts";
import type { PolicyContext } from "../../policy/rules/finding-facts.ts";
import type { Environment } from "../../policy/rules/policy-rule.ts";
import type { Threshold } from "../../policy/threshold.ts";
import { waiversOf } from "../../policy/waivers/policy-waivers.ts";

/** What decides between allowed and denied. */
export interface PolicyOptions {
  /** Findings of this severity or worse deny, also where the policy is laxer. */
  readonly failOn?: Threshold | undefined;
  readonly policy?: Policy | undefined;
  /** Where the policy is evaluated; `build` when absent. */
  readonly environment?: Environment | undefined;
  /** The name of the image for the rules of the policy, where it is scanned by another one. */
  readonly imageName?: string | undefined;
}

/** What the rules know of a target that was scanned. Tags inside an archive do not count as its name. */
export function contextOf(
  { target, layers }: Pick<Report, "target" | "layers">,
  { environment = "build", imageName, now, database }: ContextOptions,
): PolicyContext {
  const name = imageName ?? target.name;
  const isReference = imageName !== undefined || imageKinds.has(target.kind);
  return {
    environment,
    images: isReference ? imageNames(name) : [name],
    now,
    layers,
    feeds: database.parts.map(({ feed }) => feed),
  };
}

interface ContextOptions extends Pick<PolicyOptions, "environment" | "imageName"> {
  readonly now: Date;
  readonly database: Pick<DatabaseStatus, "parts">;
}

const imageKinds: ReadonlySet<TargetKind> = new Set([
  ...(["docker", "podman", "containers-storage", "containerd", "registry"] as const),
]);

/** The name of an image as it was given, and in full: `docker.io/library/nginx:1.27`. */
export function imageNames(name: string): readonly string[] {
  const reference = parseReference(name);
  return [...new Set([name, ...(reference ? [referenceText(reference)] : [])])];
}

/** Whether the verdict on an image depends on the name by which it is known. */
export function usesImageName(policy: Policy | undefined): boolean {
  const rules = policy ? [...allPolicies(policy)].flatMap((each) => each.rules ?? []) : [];
  const waivers = policy ? waiversOf(policy).all : [];
  return (
    rules.some(({ when }) => when.image !== undefined || when.expression !== undefined) ||
    waivers.some(({ image }) => image !== undefined)
  );
}

/** The key of a remembered verdict: all of what it depends on beside the image and the advisories. */
export function verdictKey(policy: Policy, { environment, images, now }: PolicyContext): string {
  const rules = [...allPolicies(policy)].flatMap((each) => each.rules ?? []);
  const usesImage = usesImageName(policy);
  const usesTime =
    rules.some(({ when, grace }) => when.age !== undefined || grace !== undefined || when.expression !== undefined) ||
    waiversOf(policy).all.some(({ until = untilFixed }) => until !== untilFixed);
  const parts = [policy, environment, usesImage ? images : [], usesTime ? now.toISOString().slice(0, 10) : ""];
  return `policy:${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}
