import { PlimsollError } from "../../model/error.ts";
import type { Finding } from "../../model/findings/finding.ts";
import {
  parseReference,
  type ImageReference as RegistryReference,
  referenceText,
} from "../../model/packages/reference.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { chooseCandidate, type ScannedCandidate } from "../../updates/candidates/choose-candidate.ts";
import {
  compareImages,
  countFindings,
  type ExaminedImage,
  type FindingCounts,
  type ImageComparison,
  isEndOfLife,
  isKnownExploited,
} from "../../updates/candidates/compare-images.ts";
import type { ImageReference } from "../../updates/references/image-reference.ts";
import { type CandidateTag, candidateTags } from "../../updates/tags/candidate-tags.ts";
import type { StepSize } from "../../updates/tags/tag-version.ts";
import { type ScanOptions, scanTarget } from "../scan/scan.ts";
import { readReferences } from "./read-references.ts";
import { isSigned, type RegistryFacts, registryFacts, registryTarget } from "./registry-facts.ts";

/** How updates are searched for. */
export interface ProposeOptions extends ScanOptions {
  readonly registry: RegistryClient;
  /** The largest step that may be proposed. */
  readonly largestStep: StepSize;
  /** Days that an image must be old, unless it fixes a known exploited or critical vulnerability. */
  readonly minimumAge: number;
  /** Called before each scan. */
  readonly scanning?: (image: string) => void;
}

/** An image that was looked at for a proposal. */
export interface ProposalRow {
  readonly tag: string;
  readonly step: StepSize | "today";
  readonly digest?: string;
  /** Absent when the image was not scanned. */
  readonly findings?: FindingCounts;
  /** Stored bytes of the layers. */
  readonly size?: number;
  readonly endOfLife?: boolean;
  /** `today`, `proposed`, or why it was not chosen. */
  readonly result: string;
}

/** The result for one image, with all places that refer to it. */
export interface Proposal {
  /** As the files have it. */
  readonly repository: string;
  readonly tag?: string;
  readonly references: readonly ImageReference[];
  /** The better image, if there is one. */
  readonly change?: { readonly tag: string; readonly digest: string; readonly step: StepSize };
  /** What the change does to the findings and the image. */
  readonly comparison?: ImageComparison;
  readonly rows: readonly ProposalRow[];
  /** Why no image could be proposed, as a clause. */
  readonly skipped?: string;
  /** What failed for this image. */
  readonly failure?: string;
}

/** The proposals for all images that files refer to. */
export interface ProposalReport {
  readonly proposals: readonly Proposal[];
  readonly problems: readonly Problem[];
}

const day = 24 * 60 * 60 * 1000;
/** Errors that concern one image only. */
const ofOneImage: ReadonlySet<string> = new Set([
  ...["image-not-found", "platform-not-found", "manifest-malformed", "digest-mismatch", "layout-malformed"],
  ...["limit-exceeded", "registry-failed", "registry-refused", "registry-unreachable"],
]);

/**
 * Finds image references in files and, for each image, a better tag: candidates are scanned and compared with today's
 * image by the findings that count under the policy. Errors: those of {@link readReferences}, and those of a scan that
 * do not concern a single image.
 */
export async function proposeUpdates(paths: readonly string[], options: ProposeOptions): Promise<ProposalReport> {
  const { references, problems } = readReferences(paths, { signal: options.signal });
  // References that stay as they are do not decide for others to the same image.
  const groups = Map.groupBy(references, ({ repository = "", tag = "", digest = "", ...other }) =>
    other.unresolved.length > 0 || other.isBuiltHere || other.isManaged
      ? `${other.file}\0${other.start}`
      : `${repository}\0${tag}\0${digest}`,
  );
  const proposals: Proposal[] = [];
  for (const group of groups.values()) proposals.push(await proposalFor(group, options));
  return { proposals, problems };
}

async function proposalFor(references: readonly ImageReference[], options: ProposeOptions): Promise<Proposal> {
  const [first] = references;
  const basics = {
    repository: first?.repository ?? first?.text ?? "",
    ...(first?.tag !== undefined && { tag: first.tag }),
    references,
    rows: [],
  };
  const skipped = first && reasonToSkip(first);
  const name = first?.repository === undefined ? undefined : parseReference(first.repository);
  if (!first || !name || skipped !== undefined) return { ...basics, skipped: skipped ?? "the name is not valid" };
  try {
    return { ...basics, ...(await new ImageUpdate(name, first, options).propose()) };
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || !ofOneImage.has(cause.code)) throw cause;
    return { ...basics, failure: cause.message };
  }
}

function reasonToSkip({
  unresolved,
  fixed,
  isBuiltHere,
  isManaged,
  tag,
  tagPart,
  digestPart,
}: ImageReference): string | undefined {
  if (unresolved.length > 0) return `no value for ${unresolved.join(", ")}`;
  if (fixed !== undefined) return fixed;
  if (isBuiltHere === true) return "built here";
  if (isManaged === true) return "updated by Flux";
  if (tag === undefined) return "it has no tag";
  return tagPart === undefined && digestPart === undefined ? "the tag is not in one place in the files" : undefined;
}

type Found = Pick<Proposal, "rows" | "skipped" | "change" | "comparison">;

class ImageUpdate {
  readonly #name: RegistryReference;
  readonly #reference: ImageReference;
  readonly #tag: string;
  readonly #options: ProposeOptions;

  constructor(name: RegistryReference, reference: ImageReference, options: ProposeOptions) {
    this.#name = name;
    this.#reference = reference;
    this.#tag = reference.tag ?? "latest";
    this.#options = options;
  }

  async propose(): Promise<Found> {
    const { registry } = this.#options;
    const { digest: pinned } = this.#reference;
    const newest = await this.#newerTags();
    const current = await registry.head({ ...this.#name, tag: this.#tag });
    const isMoved = pinned !== undefined && current !== undefined && current.digest !== pinned;
    const tags: readonly CandidateTag[] = [
      ...(isMoved ? [{ tag: this.#tag, step: "digest" } as const] : []),
      ...newest,
    ];
    if (tags.length === 0) return { rows: [], skipped: "no newer tag" };
    const facts = await this.#facts(pinned === undefined ? { tag: this.#tag } : { digest: pinned });
    const today = await this.#examine(this.#tag, facts);
    const scanned: Candidate[] = [];
    for (const candidate of tags) scanned.push(await this.#scan(candidate, { facts, today }));
    const choice = chooseCandidate(today, scanned);
    const chosen = scanned.find((candidate) => candidate === choice.chosen);
    const rows = [
      rowOf({ tag: this.#tag, step: "today", facts, image: today }, "today"),
      ...scanned.map((candidate, index) => rowOf(candidate, choice.reasons[index] ?? "")),
    ];
    if (!chosen?.image || !chosen.facts) return { rows };
    return {
      rows,
      change: { tag: chosen.tag, digest: chosen.facts.digest, step: chosen.step },
      comparison: compareImages(today, chosen.image),
    };
  }

  async #newerTags(): Promise<readonly CandidateTag[]> {
    const { registry, largestStep } = this.#options;
    if (largestStep === "digest") return [];
    const tags: string[] = [];
    for await (const tag of registry.tags(this.#name)) tags.push(tag);
    return candidateTags(this.#tag, tags, { largest: largestStep });
  }

  #facts(which: Pick<RegistryReference, "tag" | "digest">): Promise<RegistryFacts> {
    return registryFacts(this.#options.registry, { ...this.#name, ...which }, this.#options.platform);
  }

  async #examine(tag: string, { digest, command }: RegistryFacts): Promise<ExaminedImage> {
    const name = referenceText({ ...this.#name, tag });
    this.#options.scanning?.(name);
    const report = await scanTarget(registryTarget(this.#name, digest), { ...this.#options, imageName: name });
    return { report, command };
  }

  async #scan(
    { tag, step }: CandidateTag,
    { facts: present, today }: { readonly facts: RegistryFacts; readonly today: ExaminedImage },
  ): Promise<Candidate> {
    const facts = await this.#facts({ tag });
    if (facts.digest === present.digest) return { tag, step, facts, refused: "the same image as today" };
    const lacking = present.platforms.filter((platform) => !facts.platforms.includes(platform));
    if (lacking.length > 0) return { tag, step, facts, refused: `not built for ${lacking.join(", ")}` };
    const { registry } = this.#options;
    const mustBeSigned = await isSigned(registry, this.#name, present.digest);
    if (mustBeSigned && !(await isSigned(registry, this.#name, facts.digest))) {
      return { tag, step, facts, refused: "not signed, but today's image is" };
    }
    const image = await this.#examine(tag, facts);
    const tooNew = this.#tooNew(facts, compareImages(today, image).fixed);
    return { tag, step, facts, image, ...(tooNew !== undefined && { refused: tooNew }) };
  }

  #tooNew({ created }: RegistryFacts, fixed: readonly Finding[]): string | undefined {
    const { now, minimumAge } = this.#options;
    const isUrgent = fixed.some((finding) => finding.severity === "critical" || isKnownExploited(finding));
    const age = created ? Math.floor((now.getTime() - created.getTime()) / day) : minimumAge;
    return isUrgent || age >= minimumAge ? undefined : `only ${age} days old (minimum ${minimumAge})`;
  }
}

interface Candidate extends ScannedCandidate {
  readonly facts?: RegistryFacts;
}

function rowOf(
  { tag, step, facts, image }: Pick<Candidate, "tag" | "facts" | "image"> & { readonly step: ProposalRow["step"] },
  result: string,
): ProposalRow {
  return {
    tag,
    step,
    ...(facts && { digest: facts.digest }),
    ...(image && {
      findings: countFindings(image.report.findings),
      size: image.report.layers.reduce((sum, layer) => sum + layer.size, 0),
      endOfLife: isEndOfLife(image.report),
    }),
    result,
  };
}
