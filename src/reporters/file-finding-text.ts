import type { FileFinding } from "../model/findings/file-finding.ts";
import type { Report } from "../model/reports/report.ts";
import { layerName, pathText } from "./place-text.ts";
import { printable } from "./terminal-text.ts";

/** How reports name a kind of findings in files. */
export interface FileFindingWords {
  readonly heading: string;
  /** A single finding, for counts. */
  readonly unit: string;
  /** The heading of {@link fileFindingDetail}. */
  readonly detail: string;
}

/** The words for each kind. */
export const fileFindingWords: Readonly<Record<FileFinding["kind"], FileFindingWords>> = {
  secret: { heading: "Secrets", unit: "secret", detail: "value" },
  malware: { heading: "Malware", unit: "malicious file", detail: "detected by" },
};

/** `/app/.env:3, your layer 4 of 6`, or the part of the image's configuration. Printable. */
export function fileFindingPlace(finding: FileFinding, report: Pick<Report, "layers" | "target">): string {
  const { kind, path, deleted } = finding;
  const layer = report.layers.find(({ index }) => index === finding.layer);
  if (!layer && report.layers.length > 0) return `image configuration, ${printable(path)}`;
  const place = `${pathText(path, report)}${kind === "secret" ? `:${finding.line}` : ""}`;
  if (!layer) return `${place}${commitText(finding)}`;
  const removed = deleted ? "; a later layer removes or replaces the file, but it is still in the image" : "";
  return `${place}, ${layerName(layer, report)}${removed}`;
}

/** `, in the Git history since commit 1a2b3c4d5e6f`; nothing for what is not only there. */
export function commitText(finding: FileFinding): string {
  if (finding.kind !== "secret" || finding.commit === undefined) return "";
  return `, in the Git history since commit ${finding.commit.slice(0, 12)}`;
}

/** What tells one from another: the shape of a secret, or what detected the malware. Printable. */
export function fileFindingDetail(finding: FileFinding): string {
  return printable(finding.kind === "secret" ? finding.shape : finding.source);
}
