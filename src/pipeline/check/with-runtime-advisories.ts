import { runtimeFlaws } from "../../checks/linux/runtime-flaws.ts";
import { findVulnerabilities } from "../../detectors/vulnerabilities/find-vulnerabilities.ts";
import { AbsenceReasons } from "../../detectors/vulnerabilities/matching/absence-reasons.ts";
import { distributionFromFields } from "../../extractors/os/os-release/os-release.ts";
import type { HostFacts, HostPackageFact, PackageAdvisories, RuntimeFact } from "../../model/checks/host-facts.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { AbsenceKind } from "../../model/findings/why-not.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package } from "../../model/packages/package.ts";
import { packageUrl } from "../../model/packages/package-url.ts";
import type { FactsBundle } from "../../sources/host/bundle.ts";
import { openAdvisories } from "../database/open-advisories.ts";
import { withFacts } from "./facts-bundle.ts";

/** Reasons that prove that an advisory covers a package and that its version does not have the vulnerability. */
const proofs: ReadonlySet<AbsenceKind> = new Set(["fixed", "outside-range"]);

/**
 * Facts of a host in which each container runtime from a distribution's package has the state of the vulnerabilities of
 * {@link runtimeFlaws} by the advisories of the distribution. Vulnerabilities that no advisory decides are left out.
 *
 * Errors: `database-not-found`, `database-malformed`, `facts-malformed`.
 */
export function withRuntimeAdvisories(facts: FactsBundle, database: string, now: Date): FactsBundle {
  const { host } = facts;
  if (!host) return facts;
  const index = openAdvisories(database);
  try {
    return withFacts(() => ({ ...facts, host: hostWithAdvisories(host, index, now) }));
  } finally {
    index.close();
  }
}

/** {@link withRuntimeAdvisories} for the facts of a host and an open database. */
export function hostWithAdvisories(host: HostFacts, index: AdvisoryIndex, now: Date): HostFacts {
  if (!("value" in host.runtimes)) return host;
  const release = "value" in host.osRelease ? host.osRelease.value : {};
  const distribution = distributionFromFields(new Map(Object.entries(release)));
  const value = host.runtimes.value.map((runtime): RuntimeFact => {
    const advisories = distribution && advisoriesOf(runtime, { distribution, index, now });
    return { ...runtime, ...(advisories && { advisories }) };
  });
  return { ...host, runtimes: { value } };
}

function advisoriesOf(
  { name, package: installed }: RuntimeFact,
  {
    distribution,
    index,
    now,
  }: { readonly distribution: Distribution; readonly index: AdvisoryIndex; readonly now: Date },
): PackageAdvisories | undefined {
  const flaws = runtimeFlaws.get(name);
  if (!installed || !flaws) return undefined;
  const subject = packageOf(installed, distribution);
  const options = { distribution, index, packages: [subject] };
  const { findings } = findVulnerabilities([subject], { ...options, now });
  const affected = flaws.flatMap(({ id }) => {
    const finding = findings.find((one) => one.id === id || one.aliases.includes(id));
    return finding ? [{ id, ...(finding.fixedIn !== undefined && { fixed: finding.fixedIn }) }] : [];
  });
  const fixed = flaws
    .map(({ id }) => id)
    .filter((id) => {
      if (affected.some((one) => one.id === id)) return false;
      const reasons = new AbsenceReasons(id, options).of(subject);
      return reasons.length > 0 && reasons.every(({ kind }) => proofs.has(kind));
    });
  if (fixed.length + affected.length === 0) return undefined;
  return { package: `${installed.name} ${installed.version}`, fixed, affected };
}

function packageOf(found: HostPackageFact, distribution: Distribution): Package {
  return { ...found, purl: packageUrl(found, distribution), paths: ["var/lib/dpkg/status"], layer: null };
}
