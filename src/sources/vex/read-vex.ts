import type { VexStatement } from "../../model/findings/vex.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { readCsafVex } from "./read-csaf-vex.ts";
import { readCyclonedxVex } from "./read-cyclonedx-vex.ts";
import { readOpenVex } from "./read-openvex.ts";
import { malformedVex, parseVexJson } from "./vex-json.ts";

/** What a VEX document says. */
export interface ReadVex {
  readonly statements: readonly VexStatement[];
  /** Parts that cannot be used, as phrases without a full stop. */
  readonly remarks: readonly string[];
}

/**
 * Reads a VEX document in JSON: OpenVEX, CSAF or CycloneDX, recognised by its content. Errors: `file-malformed`,
 * `limit-exceeded`.
 */
export function readVex(text: string, file: string): ReadVex {
  const value = parseVexJson(text, file);
  if (!isJsonObject(value)) throw malformedVex(file, "not a VEX document");
  return readerOf(value, file)(value, file);
}

function readerOf(value: JsonObject, file: string): (value: JsonObject, file: string) => ReadVex {
  if (value["bomFormat"] === "CycloneDX") return readCyclonedxVex;
  if (isJsonObject(value["document"])) return readCsafVex;
  if (/^https:\/\/openvex\.dev\/ns/.test(String(value["@context"]))) return readOpenVex;
  throw malformedVex(file, "not an OpenVEX, CSAF or CycloneDX document");
}
