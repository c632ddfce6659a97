/* OpenVEX 0.2.0 (https://github.com/openvex/spec): what a scan knows about each vulnerability and package. */

import { formatPackageUrl } from "../../../model/packages/package-url.ts";
import { parseReference } from "../../../model/packages/reference.ts";
import { isNamedImage } from "../../../model/reports/is-named-image.ts";
import type { Report, Target } from "../../../model/reports/report.ts";
import { contentUuid } from "../../documents/content-uuid.ts";
import { jsonDocument } from "../../documents/json-document.ts";
import { reportProperties } from "../../documents/report-properties.ts";
import { claimsOf } from "./claims.ts";

/**
 * A statement for each finding, suppressed or not. Findings that a statement of a publisher or of the user applies to
 * keep its status; all others are affected. A scan with the document as `--vex` suppresses the same findings.
 */
export function scanOpenvex(report: Report): Iterable<string> {
  const head = { author: "Plimsoll", role: "Vulnerability scanner", timestamp: report.createdAt, version: 1 };
  const tooling = toolingText(report);
  const statements = statementsOf(report);
  const texts = [report.target, head, tooling, ...statements].map((part) => JSON.stringify(part));
  return jsonDocument([
    ["@context", "https://openvex.dev/ns/v0.2.0"],
    ["@id", `urn:uuid:${contentUuid(texts)}`],
    ...Object.entries(head),
    ["tooling", tooling],
    ["statements", statements.values()],
  ]);
}

function statementsOf(report: Report): readonly object[] {
  const image = imageProduct(report.target);
  const claims = claimsOf(report);
  if (claims.length === 0) return [placeholder];
  return claims.map(({ text: { vulnerability, ...rest }, packages }) => {
    const parts = [...packages].map((purl) => ({ "@id": purl }));
    return { vulnerability, products: image === undefined ? parts : [{ "@id": image, subcomponents: parts }], ...rest };
  });
}

/** A document must have a statement. This one has no product, so it applies to nothing. */
const placeholder = {
  vulnerability: { name: "none", description: "No vulnerability was reported. OpenVEX requires a statement." },
  status: "under_investigation",
  status_notes: "The verdict and the parts that were not examined are in the member tooling of the document.",
};

/**
 * `pkg:oci/<name>@<digest>` for an image of a registry or an engine. The digest identifies the image, so that the
 * statements also apply to copies of it in other repositories and under other tags.
 */
function imageProduct({ kind, name, manifestDigest }: Target): string | undefined {
  const reference = isNamedImage(kind) ? parseReference(name) : undefined;
  if (!reference || manifestDigest === undefined) return undefined;
  const last = reference.repository.slice(reference.repository.lastIndexOf("/") + 1);
  return formatPackageUrl({ type: "oci", name: last, version: manifestDigest });
}

/** The program and the result as a whole, a line for each fact: the format has no other place for them. */
function toolingText(report: Report): string {
  const facts = reportProperties(report).map(({ name, value }) => `${name.replace("plimsoll:", "")}: ${value}`);
  return [`plimsoll ${report.tool.version}`, ...facts].join("\n");
}
