import { isJsonObject } from "../../model/objects/json-object.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import type { Credential } from "./credential.ts";
import { Secret } from "./secret.ts";

/** What an entry gives: a credential, nothing, or a clause that says what is wrong with it. */
export type AuthEntry = { readonly credential: Credential | undefined } | { readonly malformed: string };

/**
 * One value of `auths` in a file with credentials: `auth` is base64 of `user:password` and comes before `username` and
 * `password`; `identitytoken` and `registrytoken` come before both. An entry without any of them only says that there
 * is one in a store.
 *
 * Source: docker/cli `cli/config/types`, AuthConfig; containers-auth.json(5).
 */
export function readAuthEntry(entry: unknown): AuthEntry {
  if (entry === null || entry === undefined) return { credential: undefined };
  if (!isJsonObject(entry)) return { malformed: "it is not a JSON object" };
  const names = ["auth", "username", "password", "identitytoken", "registrytoken"] as const;
  const wrong = names.find((name) => !["string", "undefined"].includes(typeof (entry[name] ?? undefined)));
  if (wrong) return { malformed: `its ${wrong} is not text` };
  const [auth = "", username = "", password = "", identityToken = "", registryToken = ""] = names.map((name) =>
    typeof entry[name] === "string" ? entry[name] : "",
  );
  const pair = auth.trim() === "" ? { username, password } : decodeAuth(auth);
  if (registryToken !== "") return { credential: { kind: "registry-token", token: new Secret(registryToken) } };
  if (identityToken !== "") return { credential: identityTokenOf(identityToken, pair?.username) };
  if (!pair) return { malformed: "its auth is not the base64 encoding of USER:PASSWORD" };
  return { credential: credentialOf(pair) };
}

/**
 * The credential of a user name and a secret; undefined when both are empty. The user `<token>` says that the secret is
 * an identity token.
 */
export function credentialOf({ username, password }: { username: string; password: string }): Credential | undefined {
  if (username === "" && password === "") return undefined;
  if (username === "<token>") return identityTokenOf(password);
  return { kind: "basic", username, password: new Secret(password) };
}

function identityTokenOf(token: string, username = ""): Credential {
  const named = username !== "" && username !== "<token>";
  return { kind: "identity-token", token: new Secret(token), ...(named && { username }) };
}

function decodeAuth(auth: string): { username: string; password: string } | undefined {
  const base64 = auth.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || trimEnd(base64, "=").length % 4 === 1) return undefined;
  const text = Buffer.from(base64, "base64").toString("utf8");
  const colon = text.indexOf(":");
  // Old versions of Docker filled up the password with zero bytes.
  return colon < 0
    ? undefined
    : { username: text.slice(0, colon), password: trimEnd(text.slice(colon + 1).replace(/^\0+/, ""), "\0") };
}
