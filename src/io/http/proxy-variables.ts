import { PlimsollError } from "../../model/error.ts";
import { proxyExceptions } from "./proxy-exceptions.ts";

/** The variables that name proxies, as in an environment: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, in either case. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** The proxy through which an http or https address is asked; undefined for one that is asked directly. */
export type ProxyChoice = (url: URL) => URL | undefined;

/**
 * Chooses by the variables `HTTPS_PROXY` for https, `HTTP_PROXY` for http, and `NO_PROXY`, which
 * {@link proxyExceptions} reads. When a variable is set in both cases, the upper-case one counts. `proxy:3128` means
 * `http://proxy:3128`.
 *
 * Error, when an address is to be asked through it: `usage` for what is not an address of an HTTP proxy, and for one
 * whose user cannot be read. Source: Go's `http.ProxyFromEnvironment`. Node.js reads the same variables otherwise.
 */
export function proxyChoice(environment: ProxyEnvironment): ProxyChoice {
  const isExcepted = proxyExceptions(setting(environment, "NO_PROXY")?.value ?? "");
  return (url) => {
    const variable = { "https:": "HTTPS_PROXY", "http:": "HTTP_PROXY" }[url.protocol];
    const named = variable === undefined ? undefined : setting(environment, variable);
    return named && !isExcepted(url) ? proxyAddress(named) : undefined;
  };
}

/** True for an address whose user or password cannot be decoded. */
export function hasBadEscape({ username, password }: URL): boolean {
  return /%(?![0-9a-f]{2})/i.test(username + password);
}

interface Named {
  /** The name of the variable as it stands in the environment. */
  readonly name: string;
  readonly value: string;
}

function setting(environment: ProxyEnvironment, variable: string): Named | undefined {
  for (const name of [variable, variable.toLowerCase()]) {
    const value = environment[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

// The value may hold a password.
function proxyAddress({ name, value }: Named): URL {
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  if (!url || url.host === "" || !/^https?:$/.test(url.protocol)) {
    throw new PlimsollError("usage", `the variable ${name} is not the address of an HTTP proxy`, {
      hint: "Use http://HOST:PORT, or leave the variable empty; other types of proxies are not supported.",
    });
  }
  if (!hasBadEscape(url)) return url;
  throw new PlimsollError("usage", `the user or the password in ${name} has an unescaped %`, {
    hint: "Use %25 for a percent sign.",
  });
}
