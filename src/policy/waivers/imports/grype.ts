import type { YamlShape } from "../../../io/documents/yaml-shape.ts";
import { untilFixed, type Waiver } from "../../../model/findings/waiver.ts";
import { type ImportedWaivers, isVulnerabilityId, patternOfGlob } from "./import-result.ts";

/** The beginnings of package URLs by Grype's types; where a namespace belongs to the name, `*` stands for it. */
const urlStarts: Readonly<Record<string, string>> = {
  apk: "pkg:apk/*/",
  deb: "pkg:deb/*/",
  gem: "pkg:gem/",
  "go-module": "pkg:golang/",
  "java-archive": "pkg:maven/*/",
  npm: "pkg:npm/",
  python: "pkg:pypi/",
  rpm: "pkg:rpm/*/",
  "rust-crate": "pkg:cargo/",
};

const keys = ["vulnerability", "package", "reason", "fix-state"];
const packageKeys = ["name", "version", "type", "location"];
const fixStates = ["not-fixed", "wont-fix"];

/** Whether a mapping is a `.grype.yaml`. */
export function isGrype(shape: YamlShape): boolean {
  return Array.isArray(shape.mapping().get("ignore")?.value);
}

/** The list `ignore` of `.grype.yaml`. Rules without a vulnerability, and keys that a waiver lacks, are skipped. */
export function readGrype(shape: YamlShape, file: string): ImportedWaivers {
  const waivers: Waiver[] = [];
  const skipped: string[] = [];
  for (const entry of shape.mapping().get("ignore")?.list() ?? []) {
    const waiver = waiverOf(entry, file);
    if (typeof waiver === "string") skipped.push(`${file}:${entry.place.line}: ${waiver}`);
    else waivers.push(waiver);
  }
  return { waivers, skipped };
}

function waiverOf(entry: YamlShape, file: string): Waiver | string {
  const member = entry.mapping();
  const id = member.get("vulnerability")?.text() ?? "";
  if (!isVulnerabilityId(id)) return `${id || "a rule without a vulnerability"} cannot be converted`;
  const unknown = [...member.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) return `${id} has the key ${unknown}, which cannot be converted`;
  const fixState = member.get("fix-state")?.text();
  if (fixState !== undefined && !fixStates.includes(fixState)) return `${id} has the fix-state ${fixState}`;
  const scope = scopeOf(member.get("package"));
  if (typeof scope === "string") return `${id} ${scope}`;
  return {
    id,
    ...scope,
    reason: member.get("reason")?.text().trim() || `from ${file}`,
    ...(fixState !== undefined && { until: untilFixed }),
  };
}

function scopeOf(shape: YamlShape | undefined): Pick<Waiver, "package" | "path"> | string {
  if (!shape) return {};
  const member = shape.mapping();
  const unknown = [...member.keys()].find((key) => !packageKeys.includes(key));
  if (unknown !== undefined) return `has the key package.${unknown}, which cannot be converted`;
  const texts = packageKeys.map((key) => member.get(key)?.scalarText() ?? "");
  const [name = "", version = "", type = "", location = ""] = texts;
  const path = location === "" ? undefined : patternOfGlob(location);
  if (location !== "" && path === undefined) return "has a location pattern that cannot be converted";
  if (/[\\^$*+?()[\]{}|]/.test(name)) return "has a regular expression as package name";
  const starts = type === "" ? Object.values(urlStarts) : [urlStarts[type]];
  if (starts[0] === undefined) return `has the package type ${type}, which cannot be converted`;
  if (name === "" && (version !== "" || type !== "")) return "has a package without a name";
  const urls = starts.map((start) => `${start}${name}${version === "" ? "" : `@${version}`}`);
  return { ...(name !== "" && { package: urls }), ...(path !== undefined && { path: [path] }) };
}
