/*
 * SPDX tag-value, versions 2.2 and 2.3: a line for each field, in the order of the model.
 *
 *   SPDXVersion: SPDX-2.3
 *   PackageName: busybox                      begins a package; FileName begins a file, SnippetSPDXID a snippet
 *   SPDXID: SPDXRef-busybox
 *   ExternalRef: PACKAGE-MANAGER purl pkg:apk/alpine/busybox@1.31.1-r19
 *   PackageComment: <text>one or
 *   more lines</text>
 *   Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-busybox
 *   Annotator: Tool: trivy-0.74.0             begins an annotation; SPDXREF says what it is about
 *
 * Source: https://spdx.github.io/spdx-spec/v2.3/, "Conformance" and the tag of each field.
 */

import { PlimsollError } from "../../../model/error.ts";
import type { JsonObject } from "../../../model/objects/json-object.ts";

/** The members of a package by their tags. */
const packageTags: Readonly<Record<string, string>> = {
  PackageVersion: "versionInfo",
  PackageSupplier: "supplier",
  PackageOriginator: "originator",
  PackageSourceInfo: "sourceInfo",
  PackageLicenseConcluded: "licenseConcluded",
  PackageLicenseDeclared: "licenseDeclared",
  PrimaryPackagePurpose: "primaryPackagePurpose",
};

interface Element extends Record<string, unknown> {
  SPDXID?: string;
  readonly externalRefs?: { referenceType: string; referenceLocator: string }[];
  annotations?: Record<string, string>[];
}

/** The JSON form of a document, with the members that are read. Throws `sbom-malformed`. */
export function spdxFromTagValue(text: string): JsonObject {
  const document: Element = {};
  const creators: string[] = [];
  const packages: Element[] = [];
  const files: Element[] = [];
  const relationships: Record<string, string>[] = [];
  const annotations: Record<string, string>[] = [];
  let element = document;
  for (const { tag, value, line } of fieldsOf(text)) {
    const last = annotations.at(-1);
    if (tag === "SPDXVersion") document["spdxVersion"] = value;
    else if (tag === "Creator") creators.push(value);
    else if (tag === "PackageName") {
      element = { name: value, externalRefs: [] };
      packages.push(element);
    } else if (tag === "FileName") {
      element = { fileName: value };
      files.push(element);
    } else if (tag === "SnippetSPDXID") element = {};
    else if (tag === "SPDXID") element.SPDXID = value;
    else if (tag === "ExternalRef") {
      const [, referenceType, referenceLocator] = /^\S+ +(\S+) +(\S.*)$/.exec(value) ?? [];
      if (referenceType === undefined || referenceLocator === undefined) throw malformed(line, "no external reference");
      element.externalRefs?.push({ referenceType, referenceLocator });
    } else if (tag === "Relationship") {
      const [, from, type, to] = /^(\S+) +(\S+) +(\S+)$/.exec(value) ?? [];
      if (from === undefined || type === undefined || to === undefined) throw malformed(line, "no relationship");
      relationships.push({ spdxElementId: from, relationshipType: type, relatedSpdxElement: to });
    } else if (tag === "RelationshipComment") Object.assign(relationships.at(-1) ?? {}, { comment: value });
    else if (tag === "Annotator") annotations.push({ annotator: value });
    else if (tag === "AnnotationComment") Object.assign(last ?? {}, { comment: value });
    else if (tag === "SPDXREF") Object.assign(last ?? {}, { about: value });
    else if (Object.hasOwn(packageTags, tag)) element[packageTags[tag] ?? tag] = value;
  }
  const byId = new Map(packages.map((one) => [one.SPDXID, one]));
  for (const annotation of annotations) {
    const subject = byId.get(annotation["about"]);
    if (subject) subject.annotations = [...(subject.annotations ?? []), annotation];
  }
  return { ...document, creationInfo: { creators }, packages, files, relationships };
}

interface Field {
  readonly tag: string;
  readonly value: string;
  readonly line: number;
}

function* fieldsOf(text: string): Generator<Field> {
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const content = (lines[index] ?? "").trim();
    if (content === "" || content.startsWith("#")) continue;
    const line = index + 1;
    const [, tag, value = ""] = /^(\w{1,60}):(.*)$/.exec(content) ?? [];
    if (tag === undefined) throw malformed(line, "not a field");
    const start = value.trimStart();
    if (!start.startsWith("<text>")) yield { tag, value: start, line };
    else {
      const parts = [start.slice("<text>".length)];
      while (!parts.at(-1)?.includes("</text>")) {
        index++;
        const next = lines[index];
        if (next === undefined) throw malformed(line, "a text without an end");
        parts.push(next);
      }
      yield { tag, value: parts.join("\n").split("</text>")[0]?.trim() ?? "", line };
    }
  }
}

function malformed(line: number, what: string): PlimsollError {
  return new PlimsollError("sbom-malformed", `the SBOM is damaged: line ${line} is ${what} of SPDX tag-value`, {
    hint: "Check the document against the specification of its format, or generate it again.",
  });
}
