// What a Python package brings inside itself, of which no metadata of its own lies beside the code:
//
//   pip/_vendor/vendor.txt          lines `name==version`, those of dependencies indented; `#` starts a comment
//   pip/_vendor/bom.cdx.json        the same as CycloneDX, since pip 24.2
//   <name>.dist-info/sboms/**.json  CycloneDX or SPDX in JSON, by whoever built the wheel (PEP 770)

import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import { normaliseName } from "../../../model/packages/package-name.ts";
import { isDistributionType, isPackageType } from "../../../model/packages/package-type.ts";
import { parsePackageUrl } from "../../../model/packages/package-url.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { type Damage, damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";
import { isProjectName, isProjectVersion } from "../python/metadata.ts";
import { readJson } from "../read-json.ts";

/**
 * Packages inside Python packages: those that pip vendors, and those that SBOMs in wheels list (Rust crates, C
 * libraries). A package is of its own type and lies where the list of it lies, so advisories for it match.
 *
 * Not listed: what an SBOM is about, a component whose scope is `excluded`, one that was built from a local folder, and
 * packages of a distribution whose libraries were copied into a wheel: the image need not be of that distribution.
 * Components without a package URL are one problem together.
 *
 * Source: PEP 770; CycloneDX 1.6; SPDX 2.3; pip, "Vendoring Policy".
 */
export const pythonBundled: Extractor = {
  id: "language/python-bundled",
  revision: 2,
  files: [
    { suffix: "pip/_vendor/vendor.txt" },
    { suffix: "pip/_vendor/bom.cdx.json" },
    { suffix: ".json", containing: ".dist-info/sboms/" },
  ],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  const isVendored = /(?:^|\/)pip\/_vendor\/[^/]+$/.test(path);
  if (isVendored && path.endsWith("/vendor.txt")) yield* inRequirements(file, context);
  else if (isVendored || path.includes(".dist-info/sboms/")) yield* inDocument(file, context);
}

function* inRequirements(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "line");
  for (const line of text.split(/\r?\n/)) {
    const [requirement = ""] = line.split(/[#;]/, 1);
    if (requirement.trim() === "") continue;
    const [name = "", version = ""] = requirement.split("==", 2).map((part) => part.trim());
    if (isProjectName(name) && isProjectVersion(version)) {
      yield { kind: "package", package: { type: "pypi", name: normaliseName("PyPI", name), version } };
    } else broken.note(`${requirement.trim()} is not a project name with a version`);
  }
  broken.report();
}

function* inDocument(file: OpenFile, context: Context): Generator<Extraction> {
  const document = readJson(file, context);
  if (document === undefined) return;
  const components = isJsonObject(document) ? componentsOf(document) : undefined;
  if (components === undefined) {
    const message = `${file.path} is neither CycloneDX nor SPDX 2 JSON, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path: file.path });
    return;
  }
  const broken = damage(file, context, "component");
  const known = new Set<string>();
  const unnamed: string[] = [];
  for (const { name, version, url } of components) {
    // In its list, pip names itself without a version.
    if (url === undefined && version !== undefined) unnamed.push(`${name} ${version}`);
    const found = url === undefined || known.has(url) ? undefined : packageOf(url, broken);
    if (url === undefined || !found) continue;
    known.add(url);
    yield { kind: "package", package: found };
  }
  broken.report();
  reportUnnamed(file, context, unnamed);
}

const longestExample = 100;

function reportUnnamed({ path }: OpenFile, { problem }: Context, [first, ...others]: readonly string[]): void {
  if (first === undefined) return;
  const which = others.length === 0 ? "1 component" : `${others.length + 1} components`;
  const without = others.length === 0 ? `has no package URL and was not` : `have no package URL and were not`;
  const example = `${others.length === 0 ? "" : "for example "}${first.slice(0, longestExample)}`;
  problem({ code: "not-examined", message: `${which} of ${path} ${without} compared: ${example}`, path });
}

interface Component {
  readonly name: string;
  readonly version: string | undefined;
  readonly url: string | undefined;
}

/** What a document lists, without what it is about; undefined when it is of neither format. */
function componentsOf(document: JsonObject): readonly Component[] | undefined {
  if (document["bomFormat"] === "CycloneDX") return inCycloneDx(document);
  if (typeof document["spdxVersion"] !== "string") return undefined;
  const described = new Set([
    ...(Array.isArray(document["documentDescribes"]) ? document["documentDescribes"] : []),
    ...objectsIn(document["relationships"]).flatMap(({ relationshipType, relatedSpdxElement }) =>
      relationshipType === "DESCRIBES" ? [relatedSpdxElement] : [],
    ),
  ]);
  return objectsIn(document["packages"])
    .filter(({ SPDXID }) => !described.has(SPDXID))
    .map(({ name, versionInfo, externalRefs }) => {
      const reference = objectsIn(externalRefs).find(({ referenceType }) => referenceType === "purl");
      return toComponent(name, versionInfo, reference?.["referenceLocator"]);
    });
}

/** Kinds of component that are not packages of code. */
const otherKinds: ReadonlySet<unknown> = new Set([
  "cryptographic-asset",
  "data",
  "device",
  "file",
  "machine-learning-model",
  "operating-system",
]);

function inCycloneDx({ metadata, components }: JsonObject): readonly Component[] {
  const about = isJsonObject(metadata) && isJsonObject(metadata["component"]) ? metadata["component"]["bom-ref"] : "";
  const found: Component[] = [];
  const waiting = objectsIn(components).reverse();
  for (let component = waiting.pop(); component; component = waiting.pop()) {
    const { name, version, purl, scope, type, "bom-ref": reference } = component;
    if (scope === "excluded") continue;
    const isAbout = typeof reference === "string" && reference === about;
    if (!isAbout && (typeof purl === "string" || !otherKinds.has(type))) found.push(toComponent(name, version, purl));
    for (const nested of objectsIn(component["components"]).reverse()) waiting.push(nested);
  }
  return found;
}

function toComponent(name: unknown, version: unknown, url: unknown): Component {
  return { name: textOf(name) ?? "a component without a name", version: textOf(version), url: textOf(url) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function packageOf(text: string, broken: Damage): FoundPackage | undefined {
  const url = parsePackageUrl(text);
  if (!url || url.version === undefined || url.version === "") {
    broken.note(`${text} is not a package URL with a version`);
    return undefined;
  }
  const { type, name, version, qualifiers } = url;
  if (!isPackageType(type) || isDistributionType(type)) return undefined;
  return qualifiers["download_url"]?.startsWith("file:") ? undefined : { type, name, version };
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
