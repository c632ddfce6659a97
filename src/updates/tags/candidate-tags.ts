import { compareTags, parseTag, type StepSize, stepBetween, stepSizes } from "./tag-version.ts";

/** A tag that could replace another one. */
export interface CandidateTag {
  readonly tag: string;
  readonly step: StepSize;
}

/**
 * The tags that are worth a scan: for each size of step up to `largest` the newest tag, the smallest step first. The
 * present tag is not among them; tags that are not versions have no candidates.
 */
export function candidateTags(
  present: string,
  tags: Iterable<string>,
  { largest, isAllowed = () => true }: { readonly largest: StepSize; readonly isAllowed?: (tag: string) => boolean },
): readonly CandidateTag[] {
  const from = parseTag(present);
  if (!from) return [];
  const newest = new Map<StepSize, NonNullable<typeof from>>();
  for (const tag of tags) {
    const to = parseTag(tag);
    const step = to && stepBetween(from, to);
    if (!to || step === undefined || stepSizes.indexOf(step) > stepSizes.indexOf(largest) || !isAllowed(tag)) continue;
    const known = newest.get(step);
    if (!known || compareTags(known, to) < 0) newest.set(step, to);
  }
  return stepSizes.flatMap((step) => {
    const found = newest.get(step);
    return found ? [{ tag: found.tag, step }] : [];
  });
}
