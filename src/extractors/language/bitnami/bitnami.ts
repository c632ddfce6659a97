// Bitnami puts what it packed below /opt/bitnami, and beside each component says what it is:
//
//   <component>/.spdx-<component>.spdx   an SPDX 2.3 document in JSON: the component, by a package URL of type bitnami,
//                                        and what a scanner found in it, by other package URLs
//   .bitnami_components.json             before 2023: by component { arch, distro, version, … }

import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import { parsePackageUrl } from "../../../model/packages/package-url.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { type Damage, damage } from "../../os/damage.ts";
import { isWord, readJson } from "../read-json.ts";

/**
 * The components of Bitnami's images: programs that Bitnami compiled or packed itself, and of which no package manager
 * knows. Other entries of a component's document are left out: they were found in the component's files, and those are
 * here. A component without a name or a version is a problem.
 *
 * Source: SPDX 2.3, "Package information"; package-URL type `bitnami`.
 */
export const bitnami: Extractor = {
  id: "language/bitnami",
  revision: 2,
  files: [{ suffix: ".spdx" }, { basename: ".bitnami_components.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  const isDocument = name !== ".bitnami_components.json";
  if (isDocument && !name.startsWith(".spdx-")) return;
  const value = readJson(file, context);
  if (value === undefined) return;
  const broken = damage(file, context, "component");
  const packages = isJsonObject(value) ? (isDocument ? inDocument(value, broken) : inList(value, broken)) : undefined;
  for (const found of packages ?? []) yield { kind: "package", package: found };
  if (packages === undefined || (isDocument && packages.length === 0)) broken.note("it lists no Bitnami components");
  broken.report();
}

function inDocument({ packages }: JsonObject, broken: Damage): FoundPackage[] {
  return objectsIn(packages).flatMap((entry) => {
    const texts = objectsIn(entry["externalRefs"]).flatMap(({ referenceType, referenceLocator }) =>
      referenceType === "purl" && typeof referenceLocator === "string" ? [referenceLocator] : [],
    );
    const text = texts.find((one) => /^pkg:\/*bitnami\//i.test(one));
    if (text === undefined) return [];
    const url = parsePackageUrl(text);
    const version = url?.version ?? entry["versionInfo"];
    if (!url || !isWord(version)) {
      broken.note(`${text} has no name or version`);
      return [];
    }
    const { name, qualifiers } = url;
    return [component({ name, version, arch: qualifiers["arch"], distro: qualifiers["distro"] })];
  });
}

function inList(list: JsonObject, broken: Damage): FoundPackage[] {
  return Object.entries(list).flatMap(([name, entry]) => {
    const { version, arch, distro } = isJsonObject(entry) ? entry : {};
    if (isWord(name) && isWord(version)) return [component({ name, version, arch, distro })];
    broken.note(`${name} has no valid name or version`);
    return [];
  });
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly arch: unknown;
  readonly distro: unknown;
}

function component({ name, version, arch, distro }: Component): FoundPackage {
  const qualifiers = { ...(isWord(arch) && { arch }), ...(isWord(distro) && { distro }) };
  return { type: "bitnami", name, version, ...(Object.keys(qualifiers).length > 0 && { qualifiers }) };
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
