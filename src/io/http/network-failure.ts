import { oneLine } from "../one-line.ts";
import { isTlsFailure } from "./is-tls-failure.ts";

/** What failures of the network mean, as clauses, by the code that Node gives them. */
const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was lost",
  EPIPE: "the connection was lost",
  ENOTFOUND: "cannot resolve the host name",
  EAI_AGAIN: "the name server does not respond",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "the host does not respond",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an untrusted CA",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is signed by an untrusted CA",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an untrusted CA",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an untrusted CA",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
};

/** Fault in the certificate of a server, as far as it changes the advice to the user. */
export type CertificateFault = "expired" | "not-yet-valid" | "other-name" | "untrusted";

/** The fault of a certificate after which a connection failed; undefined for any other failure. */
export function certificateFault(cause: unknown): CertificateFault | undefined {
  const code = networkCode(cause);
  if (code === "CERT_HAS_EXPIRED") return "expired";
  if (code === "CERT_NOT_YET_VALID") return "not-yet-valid";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "other-name";
  return /CERT|SIGNATURE/.test(code) ? "untrusted" : undefined;
}

/** What a failure of the network means: a clause, and whether another attempt would fail in the same way. */
export function networkReason(cause: unknown): { readonly reason: string; readonly final: boolean } {
  return { reason: reasonFor(cause), final: isFinal(networkCode(cause)) };
}

/** The code of a network failure; empty when the failure does not have a code. */
export function networkCode(cause: unknown): string {
  return innermost(cause).code;
}

/** True where the words of {@link networkReason} are fixed: nothing that a server or a library says is in them. */
export function isOwnReason(cause: unknown): boolean {
  return ownWords(cause) !== undefined;
}

/** True for the codes of answers that Node cannot read. */
export function isNoHttp(code: string): boolean {
  return code.startsWith("HPE_");
}

/** True for the failure of a TLS handshake with a server that uses plain HTTP. */
export function isPlainHttp(cause: unknown): boolean {
  const { code, message } = innermost(cause);
  return (
    /^(?:ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO)$/.test(code) &&
    !/alert/i.test(message)
  );
}

/**
 * True when a server refused the client's certificate or requires one that was not sent. Source: RFC 8446, section 6.
 */
export function wantsCertificate(cause: unknown): boolean {
  return /alert (?:certificate required|(?:bad|unsupported) certificate|certificate unknown|unknown ca)/i.test(
    innermost(cause).message,
  );
}

function reasonFor(cause: unknown): string {
  const { message } = innermost(cause);
  return (
    namesInCertificate(cause) ??
    ownWords(cause) ??
    (message === "" ? "the connection failed" : oneLine(message).replace(/\.$/, ""))
  );
}

/** Undefined for what has only the words of Node, of a library or of a server. */
function ownWords(cause: unknown): string | undefined {
  if (isPlainHttp(cause)) return "it does not use TLS";
  if (wantsCertificate(cause)) return "it requires a client certificate that it trusts";
  if (namesInCertificate(cause) !== undefined) return undefined;
  const { code } = innermost(cause);
  if (code === "HPE_HEADER_OVERFLOW") return "its response headers are too long";
  return isNoHttp(code) ? "its response is not HTTP" : networkWords[code];
}

const mostNames = 3;

/** Which names a certificate has that lacks the one that was asked for. Source: Node, `tls.checkServerIdentity`. */
function namesInCertificate(cause: unknown): string | undefined {
  const inner = innermostCause(cause);
  if (!(inner instanceof Error) || networkCode(inner) !== "ERR_TLS_CERT_ALTNAME_INVALID") return undefined;
  const { cert, host } = inner as { readonly cert?: { readonly subjectaltname?: unknown }; readonly host?: unknown };
  const listed = typeof cert?.subjectaltname === "string" ? cert.subjectaltname : "";
  const names = listed.split(", ").flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []);
  if (names.length === 0 || typeof host !== "string") return undefined;
  const more = names.length > mostNames ? ", …" : "";
  return oneLine(`its certificate is for ${names.slice(0, mostNames).join(", ")}${more}, not for ${host}`);
}

function isFinal(code: string): boolean {
  // Node names a connection that ended too early ERR_STREAM_… or ERR_SOCKET_…; its other codes are the same each time.
  return (
    isTlsFailure(code) ||
    /^(?:ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EACCES|HPE_|ERR_(?!STREAM_|SOCKET_))/.test(code)
  );
}

/** A host with several addresses fails with one error for each. */
function innermostCause(cause: unknown): unknown {
  return cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
}

function innermost(cause: unknown): { readonly code: string; readonly message: string } {
  const inner = innermostCause(cause);
  if (!(inner instanceof Error)) return { code: "", message: String(inner) };
  return { code: "code" in inner && typeof inner.code === "string" ? inner.code : "", message: inner.message };
}
