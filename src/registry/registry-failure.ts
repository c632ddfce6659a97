import { networkWords } from "../io/network-words.ts";
import { PlimsollError } from "../model/error.ts";
import { isJsonObject } from "../model/json-object.ts";

const longestMessage = 300;

/** An attempt that failed in a way that may pass; `message` is a clause. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** Milliseconds that the registry wants to be left alone; 0 when it does not say. */
  readonly wait: number;

  constructor(message: string, { wait = 0, cause }: { readonly wait?: number; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.wait = wait;
  }
}

/** `registry-unreachable`; `reason` is a clause. */
export function unreachable(registry: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("registry-unreachable", `the registry ${registry} cannot be asked: ${reason}`, {
    hint: hintFor(reason, cause),
    ...(cause !== undefined && { cause }),
  });
}

/** `registry-refused`; `reason` is a clause, `known` says whether there were credentials to show. */
export function refused(
  what: string,
  { registry, reason, known }: { readonly registry: string; readonly reason: string; readonly known: boolean },
): PlimsollError {
  return new PlimsollError("registry-refused", `the registry ${registry} refuses ${what}: ${reason}`, {
    hint: known
      ? "Check that the credentials for this registry are right, not expired, and allow this; for a name that does not exist many registries answer the same."
      : `Log in first: plimsoll login ${registry}; for a name that does not exist many registries answer the same.`,
  });
}

/** `registry-failed`: an answer that is neither a success nor a plain refusal; `reason` is a clause. */
export function failed(
  what: string,
  {
    registry,
    reason,
    hint = "Look into the registry's log, or try again later.",
  }: { readonly registry: string; readonly reason: string; readonly hint?: string },
): PlimsollError {
  return new PlimsollError(
    "registry-failed",
    `the registry ${registry} did not answer as expected to ${what}: ${reason}`,
    {
      hint,
    },
  );
}

/** What can be done about a status that would be the same again; undefined for those that may pass. */
export function hintForStatus(status: number): string | undefined {
  if (status === 413) return "The registry, or a proxy in front of it, takes nothing of this size: raise its limit.";
  if (![400, 405, 406, 415, 422].includes(status)) return undefined;
  return "The registry does not take this, and will not the next time: see its log, and whether it is told to keep such content.";
}

/** `cancelled`; an error of ours that the signal carries stays as it is. */
export function cancelled(signal: AbortSignal): PlimsollError {
  const reason: unknown = signal.reason;
  if (reason instanceof PlimsollError) return reason;
  return new PlimsollError("cancelled", "the request to the registry was cancelled");
}

/**
 * What the body of an answer says of an error, as one clause for a message: the codes and messages of the OCI form, else the first
 * words of plain text. Undefined when it says nothing, as pages of HTML do. `redact` takes secrets out, before anything is cut.
 *
 * Source: OCI Distribution Specification 1.1, "Error Codes".
 */
export function registryWords(body: Uint8Array, redact = (text: string): string => text): string | undefined {
  const text = Buffer.from(body).toString("utf8");
  const words = wordsOfJson(text) ?? (/^\s*[<{[]/.test(text) ? "" : text);
  const line = oneLine(redact(words));
  return line === "" ? undefined : line;
}

/** Text from outside, made fit for a message: one line, no control characters, not too long, no full stop at the end. */
export function oneLine(text: string): string {
  const line = text
    .slice(0, 4 * longestMessage)
    .replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .replace(/\.$/, "");
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

/** What a failure of the network means: a clause, and whether another attempt would fail in the same way. */
export function networkReason(cause: unknown): { readonly reason: string; readonly final: boolean } {
  const { code = "", message } = innermost(cause);
  const words: Readonly<Record<string, string>> = {
    ...networkWords,
    EPIPE: "the connection broke off",
    ...certificateWords,
  };
  const reason = isPlainHttp(cause)
    ? "it does not speak TLS"
    : wantsCertificate(cause)
      ? "it wants to be shown a certificate that it knows"
      : (words[code] ?? (message === "" ? "the connection failed" : oneLine(message)));
  const final = /^(?:ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EACCES|EPROTO|ERR_)|CERT|SIGNATURE|^HPE_/.test(
    code,
  );
  return { reason, final };
}

/** True for the failure of a TLS handshake with something that speaks plain HTTP. */
export function isPlainHttp(cause: unknown): boolean {
  const { code = "", message } = innermost(cause);
  return (
    /^(?:ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO)$/.test(code) &&
    !/alert/i.test(message)
  );
}

/** True when a server refused the client's certificate, or that it has none. Source: RFC 8446, section 6. */
function wantsCertificate(cause: unknown): boolean {
  return /alert (?:certificate required|(?:bad|unsupported) certificate|certificate unknown|unknown ca)/i.test(
    innermost(cause).message,
  );
}

/** The code of a failure of the network, empty when it has none. */
export function networkCode(cause: unknown): string {
  return innermost(cause).code ?? "";
}

const certificateWords: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by nobody but itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an authority that is not trusted here",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

function hintFor(reason: string, cause: unknown): string {
  const code = networkCode(cause);
  if (isPlainHttp(cause)) return "Allow plain HTTP for this registry with --insecure if you trust the network.";
  if (wantsCertificate(cause))
    return "Put a certificate and its key into certs.d/HOST, as NAME.cert and NAME.key; see docs/registries.";
  if (/CERT|SIGNATURE/.test(code))
    return "Give the authority that signed the certificate with --registry-ca, or name the registry in --insecure.";
  if (reason.includes("not on the public internet"))
    return "Into a private network only hosts that you name are asked; if this one is meant, name it with --registry-trust HOST[:PORT].";
  if (/^it answered 5/.test(reason)) return "The registry is in trouble: try again later, or look into its log.";
  if (reason.includes("429")) return "The limit of requests is used up: wait, or log in for a higher one.";
  return "Check the name of the registry, the network and the proxy variables.";
}

function wordsOfJson(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(body)) return "";
  const errors = Array.isArray(body["errors"]) ? body["errors"].filter(isJsonObject).slice(0, 3) : [];
  const words = errors.map(({ code, message }) =>
    [code, message].filter((part) => typeof part === "string").join(": "),
  );
  if (words.length > 0) return words.join("; ");
  const other = [body["error_description"], body["message"], body["details"], body["error"]];
  return other.find((value): value is string => typeof value === "string") ?? "";
}

/** A host with several addresses fails with one error for each. */
function innermost(cause: unknown): { readonly code?: string; readonly message: string } {
  const inner: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  if (!(inner instanceof Error)) return { message: String(inner) };
  const code = "code" in inner && typeof inner.code === "string" ? inner.code : undefined;
  return { message: inner.message, ...(code !== undefined && { code }) };
}
