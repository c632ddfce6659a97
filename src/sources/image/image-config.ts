import { ambiguityOf, configMembers, type DocumentMembers, ociMembers } from "../../io/documents/ambiguous-document.ts";
import { PlimsollError } from "../../model/error.ts";
import { windowsAdministrator } from "../../model/images/default-user.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { ParsedDocuments } from "./parsed-documents.ts";

/** What Plimsoll reads from an image's config. Source: OCI image-spec, "Image Configuration". */
export interface ImageConfig {
  /** All of it, as parsed. */
  readonly json: JsonObject;
  readonly platform?: string;
  readonly user: string;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly string[];
  /** For each layer the instruction that made it, when the history tells, and whether it belongs to the base image. */
  readonly origins: readonly { readonly createdBy?: string; readonly base: boolean }[];
}

interface HistoryEntry {
  readonly created_by?: unknown;
  readonly empty_layer?: unknown;
}

/** Reads the JSON of a config; `parsed` knows those that were read. Error: `layout-malformed`. */
export function readImageConfig(bytes: Buffer, name: string, parsed?: ParsedDocuments): ImageConfig {
  const config = asObject(parseDocument(bytes, name, { members: configMembers, parsed }));
  const rootfs = asObject(config["rootfs"]);
  const diffIds = Array.isArray(rootfs["diff_ids"]) ? rootfs["diff_ids"].filter((id) => typeof id === "string") : [];
  const history = Array.isArray(config["history"])
    ? config["history"].map((entry): HistoryEntry => asObject(entry))
    : [];
  // People who write it by hand need not keep to the case that programs do.
  const [, user] = Object.entries(asObject(config["config"])).find(([key]) => key.toLowerCase() === "user") ?? [];
  const usual = config["os"] === "windows" ? windowsAdministrator : "root";
  return {
    json: config,
    ...platformOf(config),
    user: typeof user === "string" && user !== "" ? user : usual,
    diffIds,
    origins: originsOf(history, diffIds.length),
  };
}

/** Parses JSON from a layout. Error: `layout-malformed`. */
export function parseJson(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new PlimsollError("layout-malformed", `${name} is not valid JSON`, {
      cause,
      hint: "Copy or save the image again.",
    });
  }
}

/** How {@link parseDocument} takes a document. */
export interface ParseDocumentOptions {
  /** Those of an index or a manifest unless given. */
  readonly members?: DocumentMembers | undefined;
  /** Knows those that were read, and then this one too. */
  readonly parsed?: ParsedDocuments | undefined;
}

/**
 * Parses an index, a manifest or, with the members of that, a config or the list of an archive of `docker save`. Error:
 * `layout-malformed`, also for one that those who run images may read otherwise: its cause is an
 * {@link AmbiguousDocument}.
 */
export function parseDocument(
  bytes: Buffer,
  name: string,
  { members = ociMembers, parsed }: ParseDocumentOptions = {},
): unknown {
  const parse = (): unknown => {
    const value = parseJson(bytes, name);
    const ambiguity = ambiguityOf(bytes.toString("utf8"), members);
    if (ambiguity === undefined) return value;
    throw new PlimsollError("layout-malformed", `${name} may hide an image: ${ambiguity}`, {
      cause: new AmbiguousDocument(ambiguity),
      hint: "No build tool writes such a file: contact the author of the image, or rebuild it.",
    });
  };
  return parsed ? parsed.get(bytes, { members, parse }) : parse();
}

/** The cause of an error about a document that programs read in different ways; the message says in which. */
export class AmbiguousDocument extends Error {
  override readonly name = "AmbiguousDocument";
}

/** The value as an object; anything else gives an empty one. */
export function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/**
 * `os/architecture[/variant]` as configs and descriptors divide it; nothing when either of the first two is missing.
 */
export function platformOf(config: JsonObject): { platform?: string } {
  const parts = [config["os"], config["architecture"], config["variant"]];
  const known = parts.filter((part): part is string => typeof part === "string" && part !== "");
  return known.length < 2 ? {} : { platform: known.join("/") };
}

/** The version of the system that a config or the platform of a descriptor gives; images of Windows have one. */
export function osVersionOf(platform: JsonObject): { osVersion?: string } {
  const version = platform["os.version"];
  return typeof version === "string" && version !== "" ? { osVersion: version } : {};
}

/**
 * Joins layers and history, and finds the end of the base image: base images end in a `CMD` or `ENTRYPOINT` that made
 * no layer, so the last such entry with a layer after it is where the image's own instructions begin. An image that
 * shows no such place has no known base.
 */
function originsOf(history: readonly HistoryEntry[], layers: number): ImageConfig["origins"] {
  const made = history.filter((entry) => entry.empty_layer !== true);
  if (made.length !== layers) return Array.from({ length: layers }, () => ({ base: false }));
  const end = endOfBase(history);
  return history.flatMap((entry, index) => {
    if (entry.empty_layer === true) return [];
    const createdBy = typeof entry.created_by === "string" ? { createdBy: entry.created_by } : {};
    return [{ ...createdBy, base: index < end }];
  });
}

function endOfBase(history: readonly HistoryEntry[]): number {
  const lastLayer = history.findLastIndex((entry) => entry.empty_layer !== true);
  for (let index = lastLayer; index >= 0; index--) {
    const entry = history[index];
    if (entry?.empty_layer === true && typeof entry.created_by === "string" && setsCommand(entry.created_by))
      return index;
  }
  return 0;
}

function setsCommand(instruction: string): boolean {
  return /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:CMD|ENTRYPOINT)\b/.test(instruction);
}
