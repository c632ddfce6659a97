import { PlimsollError } from "../model/error.ts";
import type { ProxyEnvironment } from "./http-client.ts";

const names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];

/**
 * The variables that name proxies, each as a whole address: `proxy:3128` means `http://proxy:3128`, as curl and Go read
 * it. Node would pass over that, and over a proxy that is no HTTP proxy, and connect directly.
 *
 * Error: `usage` for what is no address of an HTTP proxy.
 */
export function proxyVariables(environment: ProxyEnvironment): ProxyEnvironment {
  const proxies: Record<string, string | undefined> = { ...environment };
  for (const name of names) {
    const value = proxies[name];
    if (value) proxies[name] = proxyAddress(name, value.trim());
  }
  return proxies;
}

/** Whether any of these variables names a proxy. */
export function namesProxy(environment: ProxyEnvironment): boolean {
  return names.some((name) => environment[name]);
}

function proxyAddress(name: string, value: string): string {
  const address = value.includes("://") ? value : `http://${value}`;
  const url = URL.parse(address);
  if (url && url.host !== "" && /^https?:$/.test(url.protocol)) return address;
  // The value may hold a password.
  throw new PlimsollError("usage", `the variable ${name} does not name an HTTP proxy`, {
    hint: "Write it as http://HOST:PORT, or leave it empty; other kinds of proxies are not spoken with.",
  });
}
