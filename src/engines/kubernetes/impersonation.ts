import { oneLine } from "../../io/one-line.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { ClusterUser } from "./cluster-access.ts";
import { type KubeEntry, malformed } from "./kube-config.ts";

/**
 * The headers by which a user asks to act as another user; undefined when they do not.
 *
 * Error: `file-malformed` for a user whose other attributes are given without a name, or anything in another form than
 * a text or a list of texts: the user's own rights are not those requested. Source: Kubernetes, "User impersonation";
 * client-go `transport/round_trippers.go`.
 */
export function impersonationOf(entry: KubeEntry): ClusterUser["impersonation"] {
  const { file, values } = entry;
  const [user, uid] = [textIn(entry, "as"), textIn(entry, "as-uid")];
  const groups = textsIn(entry, "as-groups");
  const more = values["as-user-extra"] ?? {};
  if (!isJsonObject(more)) throw malformed(file, "its as-user-extra is not a map");
  const extra = Object.keys(more).map((key) => [key, textsIn({ file, values: more }, key)] as const);
  if (user === undefined) {
    if (uid === undefined && groups.length === 0 && extra.length === 0) return undefined;
    throw malformed(file, "a user has as-uid, as-groups or as-user-extra without as");
  }
  return {
    "impersonate-user": user,
    ...(uid !== undefined && { "impersonate-uid": uid }),
    ...(groups.length > 0 && { "impersonate-group": groups }),
    ...Object.fromEntries(extra.map(([key, texts]) => [`impersonate-extra-${headerName(key)}`, texts])),
  };
}

/** Undefined when it is absent or empty. */
function textIn({ file, values }: KubeEntry, key: string): string | undefined {
  const text = values[key] ?? "";
  if (typeof text !== "string")
    throw malformed(file, `its ${oneLine(key)} is not a string; numbers and dates must be quoted`);
  return text === "" ? undefined : headerValue(text, { file, key });
}

/** Empty when it is absent. */
function textsIn({ file, values }: KubeEntry, key: string): readonly string[] {
  const list = values[key] ?? [];
  const isTexts = Array.isArray(list) && list.every((item) => typeof item === "string");
  if (!isTexts) throw malformed(file, `its ${oneLine(key)} is not a list of strings`);
  return list.map((text: string) => headerValue(text, { file, key }));
}

/** Node.js sends the characters of a header as a byte each; Go, and so kubectl, sends UTF-8. */
function headerValue(text: string, { file, key }: { readonly file: string; readonly key: string }): string {
  if (/[^\P{Cc}\t]|[\u{d800}-\u{dfff}]/u.test(text)) {
    throw malformed(file, `its ${oneLine(key)} has a character that is not allowed in a header`);
  }
  return Buffer.from(text).toString("latin1");
}

/** With every byte escaped that the name of a header may not hold, and the percent sign, as a URL escapes it. */
function headerName(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const isAllowed = /[\w!#$&'*+.^`|~-]/.test(character);
      return isAllowed ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
