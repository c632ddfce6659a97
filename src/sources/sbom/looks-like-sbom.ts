/**
 * True when the first bytes of a file (4 KiB are enough) are those of an SBOM in any form of CycloneDX or SPDX, or of
 * an in-toto statement, which may hold one, including the forms that `readSbom` refuses by name: SPDX RDF, SPDX in XML,
 * Syft's own JSON. A JSON document that names its format only after the first bytes is not
 * recognised.
 */
export function looksLikeSbom(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head).trimStart();
  return text.startsWith("{") ? jsonMarker.test(text) : foreignForm(text) !== undefined;
}

const jsonMarker =
  /"_type"\s*:\s*"https:\/\/in-toto\.io\/Statement\/|"payloadType"\s*:\s*"application\/vnd\.in-toto\+json"|^\{(?:\s*"signatures"\s*:[^{}[\]]{0,8}\[[^\]]{0,4000}\]\s*,)?\s*"payload"\s*:\s*"eyJ|"bomFormat"\s*:\s*"CycloneDX"|"\$schema"\s*:\s*"https?:\/\/cyclonedx\.org\/|"spdxVersion"\s*:|"SPDXID"\s*:|"https:\/\/spdx\.org\/rdf\/3|^\{\s*"artifacts"\s*:\s*\[\s*(?:\]|\{\s*"id"\s*:)/;

/** The name of a form of SBOM that is not JSON, or undefined. */
export function foreignForm(text: string): string | undefined {
  const start = text.slice(0, 4096).trimStart();
  if (/^[#A-Z]/.test(start) && /^SPDXVersion:/m.test(start)) return "SPDX tag-value";
  if (/^(?:---\s*\n)?["']?SPDXID["']?: *["']?SPDXRef-DOCUMENT/.test(start) || /^spdxVersion:/.test(start))
    return "SPDX YAML";
  if (!start.startsWith("<")) return undefined;
  if (/<Document>\s*<SPDXID>|<Document[^<>]*>\s*<(?:SPDXID|spdxVersion)>/.test(start)) return "SPDX XML";
  if (start.includes("http://cyclonedx.org/schema/bom")) return "CycloneDX XML";
  return start.includes("http://spdx.org/rdf/terms") ? "SPDX RDF" : undefined;
}
