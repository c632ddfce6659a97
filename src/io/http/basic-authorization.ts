/** A user name and its password as they are. */
export interface BasicCredential {
  readonly username: string;
  readonly password: string;
}

/** The value of the `Authorization` header that shows a user name and a password. Source: RFC 7617, in UTF-8. */
export function basicAuthorization({ username, password }: BasicCredential): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

/** The user name and the password in an address, each decoded as far as it can be; undefined when it has neither. */
export function credentialIn({ username, password }: URL): BasicCredential | undefined {
  if (username === "" && password === "") return undefined;
  return { username: decoded(username), password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
