import type { YamlShape } from "../../io/documents/yaml-shape.ts";
import { untilFixed, type Waiver } from "../../model/findings/waiver.ts";
import { readPathPatterns, readPatterns } from "./read-patterns.ts";
import { isDay } from "./waiver-day.ts";

const mostWaivers = 10_000;

/** Reads `waivers` of a policy. Error: `file-malformed` with the place. */
export function readPolicyWaivers(shape: YamlShape): readonly Waiver[] {
  const waivers = shape.list();
  if (waivers.length > mostWaivers) shape.refuse(`has more than ${mostWaivers} waivers`);
  return waivers.map(readWaiver);
}

function readWaiver(shape: YamlShape): Waiver {
  const member = shape.members(["id", "package", "path", "image", "resource", "reason", "owner", "until"]);
  const [packages, path, image, resource] = [member("package"), member("path"), member("image"), member("resource")];
  const owner = filled(member("owner"));
  const until = member("until");
  if (packages && resource) resource.refuse("is for checks, and package for vulnerabilities: remove one of them");
  return {
    id: readId(member("id") ?? shape.refuse("has no id")),
    ...(packages && { package: readPackages(packages) }),
    ...(path && { path: readPathPatterns(path) }),
    ...(image && { image: readPatterns(image) }),
    ...(resource && { resource: readPatterns(resource) }),
    reason: filled(member("reason")) ?? shape.refuse("has no reason"),
    ...(owner !== undefined && { owner }),
    ...(until && { until: readEnd(until) }),
  };
}

function readId(shape: YamlShape): string {
  const id = shape.scalarText().trim();
  if (id === "") shape.refuse("is empty");
  return /^\*+$/.test(id) ? shape.refuse("would match every finding") : id;
}

function readPackages(shape: YamlShape): readonly string[] {
  return readPatterns(shape).map((pattern) => {
    if (!pattern.startsWith("pkg:")) shape.refuse("is not a package URL such as pkg:npm/lodash@4.17.*");
    if (/[?#]/.test(pattern)) shape.refuse("has qualifiers or a subpath: remove them");
    return decoded(pattern) ?? shape.refuse("is not a package URL: its percent-encoding is wrong");
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readEnd(shape: YamlShape): string {
  const text = shape.text();
  if (text === untilFixed || isDay(text)) return text;
  return shape.refuse(`is not "${untilFixed}" or a date such as 2027-01-31`);
}

function filled(shape: YamlShape | undefined): string | undefined {
  const text = shape?.text().trim();
  return text === "" ? undefined : text;
}
