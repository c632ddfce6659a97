// What a Python package brings inside itself, of which no metadata of its own lies beside the code:
//
//   pip/_vendor/vendor.txt          lines `name==version`, those of dependencies indented; `#` starts a comment
//   pip/_vendor/bom.cdx.json        the same as CycloneDX, since pip 24.2
//   <name>.dist-info/sboms/<any>    CycloneDX or SPDX in JSON, by whoever built the wheel (PEP 770)

import type { OpenFile } from "../../../model/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/json-object.ts";
import type { FoundPackage } from "../../../model/package.ts";
import { normaliseName } from "../../../model/package-name.ts";
import { isDistributionType, isPackageType } from "../../../model/package-type.ts";
import { parsePackageUrl } from "../../../model/package-url.ts";
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
 * Not listed: what an SBOM is about, a component whose scope is `excluded`, and one that was built from a local folder.
 * Packages of a distribution whose libraries were copied into a wheel are reported as found and not read, because the
 * image need not be of that distribution.
 *
 * Source: PEP 770; CycloneDX 1.6; SPDX 2.3; pip, "Vendoring Policy".
 */
export const pythonBundled: Extractor = {
  id: "language/python-bundled",
  revision: 1,
  files: [
    { suffix: "pip/_vendor/vendor.txt" },
    { suffix: "pip/_vendor/bom.cdx.json" },
    { suffix: ".cdx.json" },
    { suffix: ".cyclonedx.json" },
    { suffix: ".spdx.json" },
    { basename: "sbom.json" },
    { basename: "bom.json" },
  ],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  const isVendored = /(?:^|\/)pip\/_vendor\/[^/]+$/.test(path);
  if (isVendored && path.endsWith("/vendor.txt")) yield* inRequirements(file, context);
  else if (isVendored || /\.dist-info\/sboms\/(?:[^/]+\/)*[^/]+$/.test(path)) yield* inDocument(file, context);
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
    } else broken.note(`${requirement.trim()} does not name a project and a version`);
  }
  broken.report();
}

function* inDocument(file: OpenFile, context: Context): Generator<Extraction> {
  const document = readJson(file, context);
  if (document === undefined) return;
  const urls = isJsonObject(document) ? urlsIn(document) : undefined;
  if (urls === undefined) {
    const message = `${file.path} is neither CycloneDX nor SPDX 2 JSON, so its packages are not known`;
    context.problem({ code: "unreadable", message, path: file.path });
    return;
  }
  const broken = damage(file, context, "component");
  const known = new Set<string>();
  let hasCopies = false;
  for (const text of urls) {
    const found = packageOf(text, broken);
    if (found === "distribution") hasCopies = true;
    else if (found && !known.has(text)) {
      known.add(text);
      yield { kind: "package", package: found };
    }
  }
  if (hasCopies) {
    yield {
      kind: "unread",
      format: { packagesOf: "libraries copied into Python wheels", kind: "installed", type: "generic" },
    };
  }
  broken.report();
}

/** The package URLs of what a document lists; undefined when it is of neither format. */
function urlsIn(document: JsonObject): readonly string[] | undefined {
  if (document["bomFormat"] === "CycloneDX") return urlsOfComponents(document["components"]);
  if (typeof document["spdxVersion"] !== "string") return undefined;
  const described = new Set([
    ...(Array.isArray(document["documentDescribes"]) ? document["documentDescribes"] : []),
    ...objectsIn(document["relationships"]).flatMap(({ relationshipType, relatedSpdxElement }) =>
      relationshipType === "DESCRIBES" ? [relatedSpdxElement] : [],
    ),
  ]);
  return objectsIn(document["packages"])
    .filter(({ SPDXID }) => !described.has(SPDXID))
    .flatMap(({ externalRefs }) => {
      const reference = objectsIn(externalRefs).find(({ referenceType }) => referenceType === "purl");
      const url = reference?.["referenceLocator"];
      return typeof url === "string" ? [url] : [];
    });
}

function urlsOfComponents(components: unknown): readonly string[] {
  const urls: string[] = [];
  const waiting = objectsIn(components).reverse();
  for (let component = waiting.pop(); component; component = waiting.pop()) {
    const { purl, scope } = component;
    if (scope === "excluded") continue;
    if (typeof purl === "string") urls.push(purl);
    for (const nested of objectsIn(component["components"]).reverse()) waiting.push(nested);
  }
  return urls;
}

function packageOf(text: string, broken: Damage): FoundPackage | "distribution" | undefined {
  const url = parsePackageUrl(text);
  if (!url || url.version === undefined || url.version === "") {
    broken.note(`${text} is not a package URL with a version`);
    return undefined;
  }
  const { type, name, version, qualifiers } = url;
  if (!isPackageType(type) || qualifiers["download_url"]?.startsWith("file:")) return undefined;
  return isDistributionType(type) ? "distribution" : { type, name, version };
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
