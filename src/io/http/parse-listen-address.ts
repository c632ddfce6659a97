import { PlimsollError } from "../../model/error.ts";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT` or `[IPV6]:PORT`; port 0 stands for any that is free. Error: `usage`. */
export function parseListenAddress(address: string): ListenAddress {
  const [, ipv6, name, digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65535) {
    throw new PlimsollError("usage", `${JSON.stringify(address)} is not a valid listen address`, {
      hint: "Use HOST:PORT, for example 127.0.0.1:9765 or [::1]:9765.",
    });
  }
  return { host, port };
}
