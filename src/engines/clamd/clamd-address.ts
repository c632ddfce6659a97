import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { PlimsollError } from "../../model/error.ts";

/** Where clamd listens. */
export type ClamdAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** Where distributions have the socket: Debian and Ubuntu, Fedora and RHEL, Alpine, Arch, SUSE. */
const usualSockets = [
  "/run/clamav/clamd.ctl",
  "/var/run/clamav/clamd.ctl",
  "/run/clamd.scan/clamd.sock",
  "/run/clamav/clamd.sock",
  "/run/clamav/clamd.socket",
  "/run/clamd/clamd.sock",
];

/**
 * Reads `auto`, the path of a socket, or `HOST:PORT`. Errors: `usage` for anything else, `scanner-failed` when
 * `auto` finds no socket.
 */
export function clamdAddress(text: string): ClamdAddress {
  if (text === "auto") return { path: usualSocket() };
  if (isAbsolute(text) || text.startsWith("./")) return { path: text };
  const [, host = "", port = ""] = /^(?:tcp:\/\/)?(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === "" || Number(port) === 0 || Number(port) > 65_535) {
    throw new PlimsollError("usage", `${text} is not an address of clamd`, {
      hint: "Use auto, the path of its socket, or HOST:PORT.",
    });
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** The address as a person reads it. */
export function clamdName(address: ClamdAddress): string {
  if ("path" in address) return address.path;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

function usualSocket(): string {
  const found = usualSockets.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new PlimsollError("scanner-failed", "no socket of clamd was found", {
    hint: `Start clamd, or specify its socket or HOST:PORT with --clamd. Looked for ${usualSockets.join(", ")}.`,
  });
}
