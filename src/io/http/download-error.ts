import { PlimsollError } from "../../model/error.ts";
import { reasonOf } from "../reason-of.ts";
import { certificateFault } from "./network-failure.ts";
import { ProxyFailure } from "./proxy-failure.ts";

/** The address without user name, password, query and fragment, which may be secrets. Never throws. */
export function shownAddress(address: string): string {
  const url = URL.parse(address);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : address.replace(/[?#].*$|\/\/[^/@]*@/gs, "");
}

// What became of the database is said by whoever writes it: others of its parts may be brought up to date.

/** `feed-unreachable`; `reason` is a clause. */
export function unreachable(address: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("feed-unreachable", `${shownAddress(address)} cannot be fetched: ${reason}`, {
    hint: (cause instanceof ProxyFailure && cause.hint) || adviceOnCertificate(cause) || adviceFor(reason),
    ...(cause === undefined ? {} : { cause }),
  });
}

function adviceOnCertificate(cause: unknown): string | undefined {
  const fault = certificateFault(cause);
  if (fault === undefined) return undefined;
  if (fault === "untrusted") return "Set NODE_EXTRA_CA_CERTS to a PEM file with the CA certificate.";
  if (fault === "other-name")
    return "Check the host name in the address of the mirror, or the certificate of the server.";
  return "Check the clock of this machine; an expired certificate must be renewed by the operator of the server.";
}

function adviceFor(reason: string): string {
  if (/^HTTP status (?:429|503)\b/.test(reason)) {
    return "The server is busy or limits the rate of requests: try again later.";
  }
  if (/^HTTP status (?:401|403|407)\b/.test(reason)) {
    return "The server, or a proxy in front of it, requires authentication. The address of a mirror can contain a user name and a password.";
  }
  if (/^it (?:redirects|leads) /.test(reason)) {
    return "Such redirects are not followed. They can come from a log-in page, a proxy or a moved file: open the address in a browser.";
  }
  return "Check the address, the network and the proxy variables, or use a copy of the files in a folder.";
}

/** `feed-malformed`; `reason` is a clause. */
export function malformed(address: string, reason: string): PlimsollError {
  return new PlimsollError("feed-malformed", `${shownAddress(address)} is not what was expected: ${reason}`, {
    hint: "Try again later.",
  });
}

/** `feed-malformed`: what came is a page for people. */
export function isHtmlPage(address: string): PlimsollError {
  return new PlimsollError("feed-malformed", `${shownAddress(address)} returned an HTML page instead of data`, {
    hint: "The page can come from a log-in page, a proxy or a moved file: open the address in a browser.",
  });
}

/** `limit-exceeded`. */
export function limitExceeded(address: string, maxBytes: number): PlimsollError {
  return new PlimsollError("limit-exceeded", `${shownAddress(address)} is longer than ${maxBytes} bytes`, {
    hint: "Nothing beyond this limit was read.",
  });
}

/** `output-not-written`. */
export function notWritten(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("output-not-written", `a download cannot be written to ${path}: ${reasonOf(cause)}`, {
    hint: "Free some disk space, or set TMPDIR to another folder for temporary files.",
    cause,
  });
}

/** `output-not-written`, for what is kept beside the file in the making. */
export function notKept(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("output-not-written", `a download cannot be written to ${path}: ${reasonOf(cause)}`, {
    hint: "Free some space on this disk.",
    cause,
  });
}

/** `cancelled`. */
export function cancelled(address: string): PlimsollError {
  return new PlimsollError("cancelled", `the download of ${shownAddress(address)} was cancelled`);
}
