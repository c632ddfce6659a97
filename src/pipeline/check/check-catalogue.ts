import type { CheckDescription } from "../../checks/check.ts";
import { dockerChecks } from "../../checks/docker/docker-checks.ts";
import { dockerfileChecks } from "../../checks/dockerfile/builtin.ts";
import { imageChecks } from "../../checks/image/builtin.ts";
import { kubernetesClusterChecks, kubernetesNodeChecks } from "../../checks/kubernetes/kubernetes-checks.ts";
import { hostChecks } from "../../checks/linux/host-checks.ts";
import { manifestChecks } from "../../checks/manifests/manifest-checks.ts";
import { podSecurityTexts } from "../../checks/pod-security/pod-security-texts.ts";
import type { CheckMapping } from "../../model/checks/check.ts";
import { PlimsollError } from "../../model/error.ts";
import { nearestName } from "../../model/text/nearest-name.ts";

const mostSuggestions = 5;

/** A built-in check, described without a run. */
export interface CatalogueCheck extends Pick<CheckDescription, "id" | "title" | "severity" | "why" | "remediation"> {
  /** The command that runs it: `check docker`, `check kubernetes --part node`. */
  readonly command: string;
  readonly mappings: readonly CheckMapping[];
}

/** Every built-in check, by command. */
export const checkCatalogue: readonly CatalogueCheck[] = [
  ...ofCommand(
    "check manifests",
    Object.entries(podSecurityTexts).map(([id, text]) => ({ id: `pss/${id}`, ...text })),
  ),
  ...ofCommand("check manifests", manifestChecks),
  ...ofCommand("check dockerfile", dockerfileChecks),
  ...ofCommand("check image", imageChecks),
  ...ofCommand("check docker", dockerChecks),
  ...ofCommand("check host", hostChecks),
  ...ofCommand("check kubernetes --part node", kubernetesNodeChecks),
  ...ofCommand("check kubernetes --part cluster", kubernetesClusterChecks),
];

/** The name of a framework on the command line: `cis-docker`, `pod-security-standards`. */
function frameworkName(framework: string): string {
  return framework
    .replace(/ Benchmark$/, "")
    .toLowerCase()
    .replace("att&ck", "attack")
    .replace(/[^a-z0-9]+/g, "-");
}

/**
 * The built-in checks with a mapping to a framework; without one, all. Words of a name select every framework that
 * has them: `cis`, `eks`. Errors: `usage` for a framework that no check has.
 */
export function listChecks(framework?: string): readonly CatalogueCheck[] {
  if (framework === undefined) return checkCatalogue;
  const wanted = frameworkName(framework);
  const listed = checkCatalogue.flatMap((check) => {
    const mappings = check.mappings.filter((mapping) => hasName(mapping, wanted));
    return mappings.length === 0 ? [] : [{ ...check, mappings }];
  });
  if (listed.length > 0) return listed;
  const all = checkCatalogue.flatMap(({ mappings }) => mappings.map((mapping) => frameworkName(mapping.framework)));
  throw new PlimsollError("usage", `unknown framework ${JSON.stringify(framework)}`, {
    hint: `Frameworks: ${[...new Set(all)].sort().join(", ")}.`,
  });
}

function hasName({ framework }: CheckMapping, wanted: string): boolean {
  const name = frameworkName(framework);
  return wanted !== "" && `-${name}-`.includes(`-${wanted}-`);
}

/** The built-in check with this id. Errors: `usage` with similar ids. */
export function describeCheck(id: string): CatalogueCheck {
  const found = checkCatalogue.find((check) => check.id === id);
  if (found !== undefined) return found;
  const similar = similarIds(id);
  const suggestion = similar.length === 0 ? "" : `Did you mean ${similar.join(", ")}? `;
  throw new PlimsollError("usage", `unknown check ${JSON.stringify(id)}`, {
    hint: `${suggestion}plimsoll check list prints all ids.`,
  });
}

function similarIds(id: string): readonly string[] {
  const ids = checkCatalogue.map((check) => check.id);
  const name = nameOf(id).toLowerCase();
  if (name === "") return [];
  const nearest = nearestName(id, ids);
  const nearestOfNames = nearestName(name, ids.map(nameOf));
  const nearestWithin = ids.filter((each) => nameOf(each) === nearestOfNames);
  const sameName = ids.filter((each) => nameOf(each).toLowerCase() === name);
  const containing = ids.filter((each) => nameOf(each).toLowerCase().includes(name));
  return [
    ...new Set([...(nearest === undefined ? [] : [nearest]), ...sameName, ...nearestWithin, ...containing]),
  ].slice(0, mostSuggestions);
}

function nameOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

function ofCommand(command: string, checks: readonly CheckDescription[]): readonly CatalogueCheck[] {
  return checks.map(({ id, title, severity, why, remediation, mappings }) => ({
    id,
    command,
    title,
    severity,
    why,
    remediation,
    mappings,
  }));
}
