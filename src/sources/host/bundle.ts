import type { EngineFacts } from "../../model/checks/engine-facts.ts";
import type { HostFacts } from "../../model/checks/host-facts.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";

/** Facts that were collected in one run, as a file keeps them. */
export interface FactsBundle {
  readonly schemaVersion: 1;
  /** When they were collected, RFC 3339. */
  readonly collectedAt: string;
  readonly host?: HostFacts;
  readonly docker?: EngineFacts;
  /** Facts of a Kubernetes node and of a cluster, in the form that their collectors give them. */
  readonly node?: JsonObject;
  readonly cluster?: JsonObject;
}

const largestBundle = 256 * 1024 * 1024;
const deepest = 64;
const mostValues = 20_000_000;
const sections = ["host", "docker", "node", "cluster"] as const;

/**
 * The bytes of a bundle: JSON with the members of every object in order of their names, so that the same facts give the
 * same bytes wherever they were put together. Throws `limit-exceeded` for facts beyond 256 MiB.
 */
export function writeBundle(bundle: FactsBundle): Buffer {
  const bytes = Buffer.from(`${JSON.stringify(inOrder(bundle, 0))}\n`, "utf8");
  if (bytes.length > largestBundle) throw tooLarge("the collected facts are");
  return bytes;
}

/**
 * Reads a bundle. `name` is what messages call it.
 *
 * Throws `limit-exceeded` for one beyond 256 MiB or nested too deeply, and `facts-malformed` for what is not a bundle,
 * and for a bundle of a schema version that this Plimsoll does not know. The form of single facts is not looked at.
 */
export function readBundle(bytes: Uint8Array, name: string): FactsBundle {
  if (bytes.length > largestBundle) throw tooLarge(`${name} is`);
  if (nestsTooDeep(bytes)) {
    throw new PlimsollError("limit-exceeded", `${name} is nested more than ${deepest} levels deep`, {
      hint: "Collect the facts again, with --save FILE.",
    });
  }
  const bundle = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  if (!isJsonObject(bundle) || bundle["schemaVersion"] === undefined)
    throw malformed(`${name} is not a bundle of facts`);
  if (bundle["schemaVersion"] !== 1) {
    const version = JSON.stringify(bundle["schemaVersion"])?.slice(0, 40);
    throw malformed(`${name} has schema version ${version}; this version of Plimsoll supports only 1`);
  }
  const collectedAt = bundle["collectedAt"];
  if (typeof collectedAt !== "string" || Number.isNaN(Date.parse(collectedAt))) {
    throw malformed(`${name} does not have the time when its facts were collected`);
  }
  const wrong = sections.find((section) => bundle[section] !== undefined && !isSection(section, bundle[section]));
  if (wrong !== undefined) throw malformed(`the ${wrong} section of ${name} is not valid`);
  return bundle as unknown as FactsBundle;
}

/** In the facts of a host and of an engine every member is a fact, or a plain value that goes with them. */
function isSection(name: (typeof sections)[number], section: unknown): boolean {
  if (!isJsonObject(section)) return false;
  if (name === "node" || name === "cluster") return true;
  return Object.values(section).every(
    (fact) => !isJsonObject(fact) || "value" in fact !== (typeof fact["unavailable"] === "string"),
  );
}

function inOrder(value: unknown, depth: number): unknown {
  if (depth > deepest) return null;
  if (Array.isArray(value)) return value.map((item) => inOrder(item, depth + 1));
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name], depth + 1)]));
}

/** Looks at brackets outside texts only, before anything is built from the bytes. */
function nestsTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  let values = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inText) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === 0x2c && ++values > mostValues) return true;
  }
  return false;
}

function malformed(message: string): PlimsollError {
  return new PlimsollError("facts-malformed", message, {
    hint: "Collect the facts again, with --save FILE.",
  });
}

function tooLarge(what: string): PlimsollError {
  return new PlimsollError("limit-exceeded", `${what} larger than ${largestBundle} bytes`, {
    hint: "Collect fewer facts at once.",
  });
}
