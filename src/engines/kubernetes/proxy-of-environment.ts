import { BlockList, isIP } from "node:net";
import { proxyVariables } from "../../io/proxy-variables.ts";
import { PlimsollError } from "../../model/error.ts";

/**
 * The proxy through which the variable `HTTPS_PROXY` has an https server asked; undefined when there is none, when the
 * server is on this machine and when `NO_PROXY` excepts it. Other servers are asked directly. Each variable counts in
 * either case.
 *
 * `NO_PROXY` is a list with commas. `*` excepts all; an address or a range such as `10.0.0.0/8` the hosts that are
 * named by such an address; a name that host and those below it; `.name` and `*.name` only those below it. A port after
 * any but a range makes it count for that port alone. Node.js reads the variable otherwise: it knows neither ranges of
 * this form nor names below a name.
 *
 * Error: `usage` for a proxy that is no HTTP proxy, or whose user cannot be read. Source: Go's
 * `http.ProxyFromEnvironment`, which kubectl uses, and `golang.org/x/net/http/httpproxy`.
 */
export function proxyOfEnvironment(
  server: URL,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const name = environment["HTTPS_PROXY"] ? "HTTPS_PROXY" : "https_proxy";
  const host = server.hostname.replace(/^\[(.*)\]$/, "$1");
  if (server.protocol !== "https:" || !environment[name] || isThisMachine(host)) return undefined;
  const rules = (environment["NO_PROXY"] || environment["no_proxy"] || "").toLowerCase().split(",");
  const port = server.port || "443";
  if (rules.some((rule) => isExcepted(rule.trim(), { host, port }))) return undefined;
  const proxy = proxyVariables({ [name]: environment[name] })[name];
  const url = URL.parse(proxy ?? "");
  if (!url || !hasBadEscape(url)) return proxy;
  throw new PlimsollError("usage", `the user or the password in ${name} has a % that begins no escape`, {
    hint: "Write %25 for a percent sign.",
  });
}

/** True for an address whose user or password cannot be decoded. */
export function hasBadEscape({ username, password }: URL): boolean {
  return /%(?![0-9a-f]{2})/i.test(username + password);
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || isInRange(host, "127.0.0.0/8") || isInRange(host, "::1/128");
}

function isExcepted(rule: string, { host, port }: { readonly host: string; readonly port: string }): boolean {
  if (rule === "*") return true;
  if (rule.includes("/")) return isInRange(host, rule);
  // An address of IPv6 has colons of its own, and brackets where a port follows.
  const [, inBrackets, before, only] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(rule) ?? [];
  if (only !== undefined && only !== port) return false;
  const name = inBrackets ?? before ?? rule;
  if (isIP(name) !== 0) return isInRange(host, `${name}/${longestPrefix(name)}`);
  if (name === "" || isIP(host) !== 0) return false;
  const below = name.replace(/^\*?\./, ".");
  return below.startsWith(".") ? host.endsWith(below) : host === name || host.endsWith(`.${name}`);
}

/** False also for a range that is none, and for a host that is a name. */
function isInRange(host: string, range: string): boolean {
  const [address = "", prefix = ""] = range.split("/");
  const isRange = isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longestPrefix(address);
  if (!isRange || isIP(host) === 0) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), familyOf(address));
  return list.check(host, familyOf(host));
}

function longestPrefix(address: string): number {
  return isIP(address) === 6 ? 128 : 32;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
