import type { VulnerabilityFacts } from "../../model/findings/vulnerability-facts.ts";

/** What several sources say of one CVE: lists one after the other, of single facts the first. Undefined without any. */
export function joinFacts(all: readonly VulnerabilityFacts[]): VulnerabilityFacts | undefined {
  const [first, ...others] = all;
  if (!first || others.length === 0) return first;
  const exploits = [...new Set(all.flatMap((facts) => facts.exploits ?? []))];
  const severities = all.flatMap((facts) => facts.severities ?? []);
  return {
    ...Object.assign({}, ...all.toReversed()),
    ...(exploits.length > 0 && { exploits }),
    ...(severities.length > 0 && { severities }),
  };
}
