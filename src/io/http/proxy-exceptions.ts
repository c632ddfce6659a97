import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/**
 * What the variable `NO_PROXY` excepts: true for an http or https address that is asked directly. This machine, as
 * `localhost` or by an address of its loopback interface, always is.
 *
 * `list` has commas between its entries. `*` is for all hosts; an address, or a range such as `10.0.0.0/8`, for the
 * hosts that are written as such an address; a name for that host and all below it; `.NAME` and `*.NAME` for those
 * below it alone. `:PORT` after any but a range makes it count for that port only, and then an address of IPv6 has
 * brackets. An entry that is none of these excepts nothing.
 *
 * Source: `golang.org/x/net/http/httpproxy`, by which Docker, Podman, skopeo and kubectl decide. There brackets around
 * an address without a port make an entry that never counts; here it is the address.
 */
export function proxyExceptions(list: string): (url: URL) => boolean {
  const rules = list
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map(ruleOf);
  return (url) => {
    const host = url.hostname.replace(/^\[(.*)\]$/s, "$1");
    const asked = { host, port: url.port || (url.protocol === "https:" ? "443" : "80"), address: addressIn(host) };
    return isThisMachine(asked) || rules.some((rule) => rule(asked));
  };
}

/** A host, in lower case, and its port. */
interface Asked {
  readonly host: string;
  readonly port: string;
  /** Undefined for a host that is written as a name. */
  readonly address: Address | undefined;
}

/** An IP address; of one of IPv6 that stands for one of IPv4, that one. */
interface Address {
  readonly text: string;
  readonly family: "ipv4" | "ipv6";
}

type Rule = (asked: Asked) => boolean;

const loopback: readonly Rule[] = [inRange("127.0.0.0/8"), inRange("::1/128")].filter((rule) => rule !== undefined);

function isThisMachine(asked: Asked): boolean {
  return asked.host === "localhost" || loopback.some((rule) => rule(asked));
}

function ruleOf(entry: string): Rule {
  if (entry === "*") return () => true;
  const range = inRange(entry);
  if (range) return range;
  const [, inBrackets, before, only = ""] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(entry) ?? [];
  const name = inBrackets ?? before ?? entry.replace(/^\[([^[\]]*)\]$/, "$1");
  const names = isAddress(name) ?? isBelow(name);
  return (asked) => (only === "" || only === asked.port) && names(asked);
}

function isAddress(text: string): Rule | undefined {
  const own = addressIn(text);
  return own && inRange(`${own.text}/${own.family === "ipv4" ? 32 : 128}`);
}

function isBelow(name: string): Rule {
  if (name === "") return () => false;
  const plain = name.startsWith("*.") ? name.slice(1) : name;
  const ascii = /^\p{ASCII}*$/u.test(plain) ? plain : domainToASCII(plain) || plain;
  const below = ascii.startsWith(".") ? ascii : `.${ascii}`;
  return ({ host, address }) => !address && (host === ascii || host.endsWith(below));
}

/** Undefined for what is not a range of addresses. */
function inRange(range: string): Rule | undefined {
  const [, before = "", digits = ""] = /^([^/]*)\/(\d{1,3})$/.exec(range) ?? [];
  const first = addressIn(before);
  if (!first) return undefined;
  // A range of IPv6 that holds nothing but what stands for IPv4 is one of IPv4.
  const isWider = before.includes(":") && Number(digits) < 96;
  const { text: start, family } = isWider ? ({ text: before, family: "ipv6" } as const) : first;
  const prefix = Number(digits) - (before.includes(":") && family === "ipv4" ? 96 : 0);
  if (prefix > (family === "ipv4" ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(start, prefix, family);
  return ({ address }) => address?.family === family && list.check(address.text, family);
}

function addressIn(text: string): Address | undefined {
  // A zone names an interface of this machine.
  const version = text.includes("%") ? 0 : isIP(text);
  if (version === 4) return { text, family: "ipv4" };
  if (version === 0) return undefined;
  const { hostname } = new URL(`http://[${text}]/`);
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return { text: hostname.slice(1, -1), family: "ipv6" };
  const numbers = [high, low].map((group) => Number.parseInt(group, 16)).flatMap((pair) => [pair >> 8, pair & 0xff]);
  return { text: numbers.join("."), family: "ipv4" };
}
