import type { Layer, Report, Target } from "../../../model/reports/report.ts";
import { compareText } from "../../../model/text/compare-text.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { originOf } from "../../package-groups.ts";
import { instruction } from "../../place-text.ts";
import { ageText } from "../../workloads-image.ts";
import { dataTable, definitions, folded } from "./data-table.ts";
import { clipped, html, type Markup } from "./markup.ts";
import { sizeText, timeText } from "./texts.ts";

const longestInstruction = 400;

/** Facts about the target and the advisories, and the layers with their findings. */
export function* targetParts(report: Report): Iterable<Markup> {
  const { target, distro, packages, layers, vex = [], createdAt, tool } = report;
  yield definitions([
    ["Name", target.name],
    ["Type", target.kind],
    ["Tags", target.tags?.join(", ")],
    ["Platform", target.platform],
    ["Distribution", distro?.name ?? "not known"],
    ["User", target.user],
    ["Namespace", target.namespace],
    ["Manifest digest", code(target.manifestDigest)],
    ["Image id", code(target.imageId)],
    ["Packages", packageCounts(packages)],
    ["Layers", layerCounts(layers)],
    ["Attached SBOM", attachedText(target)],
    ["VEX documents", vex.map(({ path, statements }) => `${path} (${counted(statements, "statement")})`).join(", ")],
    ["Advisories", databaseText(report)],
    ["Scanned", `${timeText(createdAt)} by Plimsoll ${tool.version}`],
  ]);
  if (layers.length > 0) yield* folded(`Layers (${layers.length})`, layerTable(report));
  yield* sourceParts(report);
}

function code(text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : html`<code>${text}</code>`;
}

function packageCounts(packages: Report["packages"]): string {
  const types = [...Map.groupBy(packages, ({ type }) => type)].map(([type, those]) => [type, those.length] as const);
  const sorted = types.toSorted(([a, as], [b, bs]) => bs - as || compareText(a, b));
  const list = sorted.map(([type, number]) => `${readableNumber(number)} ${type}`).join(", ");
  return list === "" ? "none" : list;
}

function layerCounts(layers: readonly Layer[]): string | undefined {
  if (layers.length === 0) return undefined;
  const base = layers.filter((layer) => layer.base).length;
  return base === 0 ? String(layers.length) : `${layers.length}, ${base} of them from the base image`;
}

function attachedText({ attachedSbom }: Target): string | undefined {
  if (!attachedSbom) return undefined;
  const { format, signer } = attachedSbom;
  const issuer = signer.issuer === undefined ? "" : ` (issuer ${signer.issuer})`;
  return `${format === "spdx" ? "SPDX" : "CycloneDX"}, signed by ${signer.name}${issuer}; layers were not read`;
}

function databaseText({ database, createdAt }: Report): string {
  const { kind, path, builtAt, records } = database;
  const which = kind === "built-in" ? "built into Plimsoll" : (path ?? "a file");
  return `${which}: ${counted(records, "record")}, built ${timeText(builtAt)}, ${ageText(builtAt, createdAt)} before the scan`;
}

function layerTable(report: Report): Iterable<Markup> {
  const findings = Map.groupBy(report.findings, ({ package: { layer } }) => layer);
  return dataTable({
    id: "layers",
    caption: "Layers of the image, lowest first",
    columns: [
      { title: "Layer", width: "tiny" },
      { title: "Origin", width: "small" },
      { title: "Findings", width: "number" },
      { title: "Size", width: "number" },
      { title: "Instruction", width: "wide" },
      { title: "Digest", width: "wide" },
    ],
    rows: report.layers.map((layer) => layerRow(layer, { report, findings: findings.get(layer.index)?.length ?? 0 })),
  });
}

function layerRow(layer: Layer, { report, findings }: { readonly report: Report; readonly findings: number }): Markup {
  const origin = originOf(layer, report);
  const word = origin === "base" ? "base image" : origin === "own" ? "your layers" : "not known";
  const marks = layer.inPart ? html`<small>read in part</small>` : html``;
  const made = clipped(instruction(layer) ?? "", longestInstruction);
  return html`<tr><th scope="row">${layer.index + 1}</th><td>${word}${marks}</td>\
<td class="number">${readableNumber(findings)}</td><td class="number">${sizeText(layer.size)}</td>\
<td class="code">${made}</td><td class="code">${layer.digest ?? layer.diffId ?? ""}</td></tr>
`;
}

/** The parts of the database with their age, those that the last update did not reach among them. */
function* sourceParts({ database: { parts, behind = [] } }: Report): Iterable<Markup> {
  if (parts.length === 0) return;
  const late = new Set(behind.map(({ feed, name }) => JSON.stringify([feed, name])));
  const table = dataTable({
    id: "sources",
    caption: "Sources of the advisories",
    columns: [
      { title: "Feed", width: "medium" },
      { title: "Part", width: "wide" },
      { title: "Entries", width: "medium" },
      { title: "Last change", width: "wide" },
    ],
    rows: parts.values().map(({ feed, name, items, refused = 0, updatedAt }) => {
      const unread = refused > 0 ? html`<small>${readableNumber(refused)} could not be read</small>` : html``;
      const old = late.has(JSON.stringify([feed, name])) ? html`<small>not reached by the last update</small>` : html``;
      return html`<tr><th scope="row">${feed}</th><td>${name}</td><td>${readableNumber(items)}${unread}</td>\
<td>${timeText(updatedAt)}${old}</td></tr>
`;
    }),
  });
  yield* folded(`Sources of the advisories (${parts.length})`, table);
}
