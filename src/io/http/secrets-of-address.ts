import { basicAuthorization, credentialIn } from "./basic-authorization.ts";
import type { ProxyEnvironment } from "./proxy-variables.ts";
import { secretsIn } from "./without-secrets.ts";

/** What the user and the password in an address give away, as `secretsIn` has it of the header that shows them. */
export function secretsOfAddress(address: URL | string | undefined): readonly string[] {
  const url = typeof address === "string" ? URL.parse(address) : address;
  const credential = url && credentialIn(url);
  if (!url || !credential) return [];
  // A user name by itself may be a token; beside a password it is none.
  const only = credential.password === "" ? [credential.username] : [];
  return [url.password, ...only, ...secretsIn(basicAuthorization(credential))].filter((secret) => secret !== "");
}

const proxyNames = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];

/** The same for the proxies that variables name. */
export function secretsOfProxies(environment: ProxyEnvironment): readonly string[] {
  const values = proxyNames.map((name) => environment[name]?.trim() ?? "").filter((value) => value !== "");
  return values.flatMap((value) => secretsOfAddress(value.includes("://") ? value : `http://${value}`));
}
