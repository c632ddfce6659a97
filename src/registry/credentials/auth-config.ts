import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { malformedFile } from "./credential-failure.ts";
import type { CredentialFile } from "./credential-files.ts";

/**
 * What a file with credentials says, before anything in it is looked at: `auths`, `credHelpers` and `credsStore` of
 * Docker's `config.json`; Podman's `auth.json` has the first two.
 *
 * Source: docker/cli `cli/config/configfile`; containers-auth.json(5).
 */
export interface AuthConfig {
  /** What messages call it: its path, or the variable that holds it. */
  readonly origin: string;
  readonly kind: CredentialFile["kind"];
  readonly auths: readonly (readonly [key: string, entry: unknown])[];
  /** Names of helpers by registry; an empty one says that the file itself has what there is for that registry. */
  readonly helpers: readonly (readonly [key: string, helper: string])[];
  /** The helper for all registries without their own helper; files of Podman do not have one. */
  readonly store: string | undefined;
}

/**
 * Reads the JSON of a file with credentials; an empty file does not hold any. Errors: `file-malformed`, without any of
 * the content.
 */
export function parseAuthConfig(text: string, { origin, kind }: Pick<AuthConfig, "origin" | "kind">): AuthConfig {
  const document = text.trim() === "" ? {} : parseObject(text, origin);
  const helpers = Object.entries(objectIn(document, { name: "credHelpers", origin })).map(([key, helper]) => {
    return [key, helperName(helper, { origin, place: "credHelpers" })] as const;
  });
  const store = document["credsStore"] ?? "";
  return {
    origin,
    kind,
    auths: Object.entries(objectIn(document, { name: "auths", origin })),
    helpers,
    store: store === "" || kind !== "docker" ? undefined : helperName(store, { origin, place: "credsStore" }),
  };
}

function parseObject(text: string, origin: string): JsonObject {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const place = cause instanceof Error ? /line \d+ column \d+/.exec(cause.message)?.[0] : undefined;
    throw malformedFile(origin, place === undefined ? "it is not JSON" : `it is not JSON (${place})`);
  }
  if (!isJsonObject(document)) throw malformedFile(origin, "it is not a JSON object");
  return document;
}

function objectIn(document: JsonObject, { name, origin }: { name: string; origin: string }): JsonObject {
  const value = document[name] ?? {};
  if (!isJsonObject(value)) throw malformedFile(origin, `its ${name} is not a JSON object`);
  return value;
}

/** A name is a part of a file name: one that leads elsewhere is none. */
function helperName(helper: unknown, { origin, place }: { origin: string; place: string }): string {
  if (typeof helper === "string" && /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,99})?$/.test(helper)) return helper;
  throw malformedFile(origin, `its ${place} is not the name of a credential helper`);
}
