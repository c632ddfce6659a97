/* CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/): the packages of a target, and the findings of a scan. */
import type { Contents, Report } from "../../../model/reports/report.ts";
import { completeness } from "../../documents/completeness.ts";
import { contentUuid } from "../../documents/content-uuid.ts";
import { type DocumentMember, jsonDocument } from "../../documents/json-document.ts";
import { PackageReferences } from "../../documents/package-references.ts";
import { type Property, properties } from "../../documents/plimsoll-properties.ts";
import { isListComplete, problemTexts, reportProperties } from "../../documents/report-properties.ts";
import { components, dependencies, targetComponent, targetReference } from "./components.ts";
import { groupFindings, vulnerabilities, vulnerabilityReferences } from "./vulnerabilities.ts";

/** The packages of a target as a CycloneDX 1.6 document in JSON, in pieces. The same contents give the same bytes. */
export function cyclonedx(contents: Contents): Iterable<string> {
  const references = new PackageReferences(contents.packages);
  return jsonDocument([
    ...head(contents, {
      serial: [],
      properties: properties(problemTexts(contents).map((text) => ["plimsoll:problem", text] as const)),
    }),
    ["components", components(contents, references)],
    ["dependencies", dependencies(contents, references)],
    ["compositions", nonEmpty(compositions(contents))],
  ]);
}

/** As {@link cyclonedx}, with the findings of the scan, and its verdict among the properties of the metadata. */
export function scanCyclonedx(report: Report): Iterable<string> {
  const references = new PackageReferences(report.packages);
  const groups = groupFindings(report, references);
  const ofFindings = isListComplete(report)
    ? []
    : [{ aggregate: "incomplete", vulnerabilities: vulnerabilityReferences(groups) }];
  return jsonDocument([
    ...head(report, {
      serial: [...groups.map(({ text }) => text), JSON.stringify(report.verdict)],
      properties: reportProperties(report),
    }),
    ["components", components(report, references)],
    ["dependencies", dependencies(report, references)],
    ["compositions", nonEmpty([...compositions(report), ...ofFindings])],
    ["vulnerabilities", vulnerabilities(groups)],
  ]);
}

interface HeadParts {
  /** What the document contains beside its packages. */
  readonly serial: readonly string[];
  readonly properties: readonly Property[];
}

function head(contents: Contents, parts: HeadParts): readonly DocumentMember[] {
  const { createdAt, tool, target, distro, packages } = contents;
  const identity = [JSON.stringify([target, distro]), ...packages.map((found) => JSON.stringify(found))];
  return [
    ["$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"],
    ["bomFormat", "CycloneDX"],
    ["specVersion", "1.6"],
    ["serialNumber", `urn:uuid:${contentUuid([...identity, ...parts.serial])}`],
    ["version", 1],
    [
      "metadata",
      {
        timestamp: createdAt,
        tools: { components: [{ type: "application", name: tool.name, version: tool.version }] },
        component: targetComponent(contents),
        properties: nonEmpty(parts.properties),
      },
    ],
  ];
}

function compositions(contents: Contents): readonly object[] {
  const aggregate = completeness(contents);
  return aggregate ? [{ aggregate, assemblies: [targetReference] }] : [];
}

function nonEmpty<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list;
}
