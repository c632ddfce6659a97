import type { Credential } from "./credential.ts";

/**
 * The value of an `Authorization` header that sends a credential as it is: `Basic` for a user name and password (RFC 7617,
 * UTF-8), `Bearer` for a token of the registry. Undefined for an identity token, which only a token server takes.
 */
export function authorizationOf(credential: Credential): string | undefined {
  switch (credential.kind) {
    case "basic": {
      const pair = `${credential.username}:${credential.password.reveal()}`;
      return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
    }
    case "registry-token":
      return `Bearer ${credential.token.reveal()}`;
    case "identity-token":
      return undefined;
  }
}
