import { basicAuthorization } from "../../io/http/basic-authorization.ts";
import type { Credential } from "./credential.ts";

/**
 * The value of an `Authorization` header that sends a credential as it is: `Basic` for a user name and password (RFC
 * 7617, UTF-8), `Bearer` for a token of the registry. Undefined for an identity token, which only a token server takes.
 */
export function authorizationOf(credential: Credential): string | undefined {
  switch (credential.kind) {
    case "basic":
      return basicAuthorization({ username: credential.username, password: credential.password.reveal() });
    case "registry-token":
      return `Bearer ${credential.token.reveal()}`;
    case "identity-token":
      return undefined;
  }
}
