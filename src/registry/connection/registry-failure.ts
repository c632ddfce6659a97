import {
  type CertificateFault,
  certificateFault,
  isPlainHttp,
  networkCode,
  wantsCertificate,
} from "../../io/http/network-failure.ts";
import { ProxyFailure } from "../../io/http/proxy-failure.ts";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import type { RegistryReply } from "./registry-document.ts";

/** Why a registry could not be reached, beside the reason. */
export interface UnreachableDetails {
  readonly cause?: unknown;
  /** The registry that `--insecure` names in the place of this one: the same host with another port. */
  readonly otherInsecure?: string | undefined;
}

/** `registry-unreachable`; `reason` is a clause. */
export function unreachable(
  registry: string,
  reason: string,
  { cause, otherInsecure }: UnreachableDetails = {},
): PlimsollError {
  return new PlimsollError("registry-unreachable", `the request to the registry ${registry} failed: ${reason}`, {
    hint: hintFor(registry, reason, { cause, otherInsecure }),
    ...(cause !== undefined && { cause }),
  });
}

/** `registry-refused`; `reason` is a clause, `known` says whether there were credentials to show. */
export function refused(
  what: string,
  { registry, reason, known, hint = known ? checkCredentials : logIn(registry) }: RefusedOptions,
): PlimsollError {
  return new PlimsollError("registry-refused", `the registry ${registry} refuses ${what}: ${reason}`, { hint });
}

/** A refusal that also says of a place of credentials that it could not be asked; with it there might be none. */
export function besides(refusal: PlimsollError, unasked: PlimsollError | undefined): PlimsollError {
  if (!unasked) return refusal;
  const { code, message, hint } = refusal;
  return new PlimsollError(code, `${message}; ${unasked.message}`, { ...(hint !== undefined && { hint }) });
}

interface RefusedOptions {
  readonly registry: string;
  readonly reason: string;
  readonly known: boolean;
  readonly hint?: string;
}

/** What can be done about a host that is not asked because it is on a private network. */
export const nameIt =
  "Hosts on a private network are contacted only if they are allowed: use --registry-trust HOST[:PORT].";

const manyAnswer = "many registries respond in the same way if the name does not exist.";
const checkCredentials = `Check that the credentials for this registry are valid, have not expired and permit this request; ${manyAnswer}`;

function logIn(registry: string): string {
  return `Log in first: plimsoll login ${registry}; ${manyAnswer}`;
}

/** `registry-failed`: an answer that is neither a success nor a plain refusal; `reason` is a clause. */
export function failed(
  what: string,
  {
    registry,
    reason,
    hint = "Check the registry's log, or try again later.",
  }: { readonly registry: string; readonly reason: string; readonly hint?: string },
): PlimsollError {
  return new PlimsollError(
    "registry-failed",
    `unexpected response from the registry ${registry} for ${what}: ${reason}`,
    {
      hint,
    },
  );
}

/** True for the refusal of a pull by a project of Harbor's. Source: Harbor, `lib/errors/const.go`. */
export function isProjectPolicy({ status, excerpt }: Pick<RegistryReply, "status" | "excerpt">): boolean {
  return status === 412 && errorCodes(excerpt).includes("PROJECTPOLICYVIOLATION");
}

/** What can be done about a refusal that {@link isProjectPolicy}. */
export const changePolicy =
  "The project allows only pulls of scanned or signed images, and exempts only Harbor's own scanner: extend the project's CVE allowlist, relax its policy, or scan the image before it is pushed.";

/** What can be done about a status that would be the same again; undefined for those that may pass. */
export function hintForStatus(status: number): string | undefined {
  if (status === 413)
    return "The registry, or a proxy in front of it, does not accept content of this size: raise its limit.";
  if (![400, 405, 406, 415, 422].includes(status)) return undefined;
  return "The registry does not accept this content, and a retry will not help: check its log and its content settings.";
}

/** `cancelled`; an error of ours that the signal carries stays as it is. */
export function cancelled(signal: AbortSignal): PlimsollError {
  const reason: unknown = signal.reason;
  if (reason instanceof PlimsollError) return reason;
  return new PlimsollError("cancelled", "the request to the registry was cancelled");
}

/**
 * What the body of an answer says of an error, as one clause for a message: the codes and messages of the OCI form and
 * of those of clouds, in JSON and XML, else the first words of plain text. Undefined when it says nothing, as pages of
 * HTML do. `redact` takes secrets out, before anything is cut.
 *
 * Source: OCI Distribution Specification 1.1, "Error Codes"; Smithy 2.0, "AWS JSON 1.1 protocol" and "AWS query
 * protocol"; AWS's documentation, "Amazon S3 API Reference", "Error responses".
 */
export function registryWords(body: Uint8Array, redact = (text: string): string => text): string | undefined {
  const text = Buffer.from(body).toString("utf8");
  const words = wordsOfJson(text) ?? wordsOfXml(text) ?? (/^\s*[<{[]/.test(text) ? "" : text);
  const line = oneLine(redact(words)).replace(/\.$/, "");
  return line === "" ? undefined : line;
}

/**
 * The codes of all errors in the body of an answer, in capitals; empty text for an error without a code. Empty when the
 * body is not of the OCI form.
 */
export function errorCodes(body: Uint8Array): readonly string[] {
  const value = parseJson(Buffer.from(body).toString("utf8"));
  const errors: unknown = isJsonObject(value) ? value["errors"] : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.map((error: unknown) => {
    const code = isJsonObject(error) ? error["code"] : undefined;
    return isText(code) ? code.toUpperCase() : "";
  });
}

const certificateHints: Readonly<Record<CertificateFault, string>> = {
  expired: "Renew the certificate of the registry, and check the clock of this machine.",
  "not-yet-valid": "Check the clock of this machine.",
  "other-name": "Use a name that is in the certificate, or add this name to the certificate.",
  untrusted: "Give the CA certificate of the registry with --registry-ca FILE.",
};

function hintFor(registry: string, reason: string, { cause, otherInsecure }: UnreachableDetails): string {
  if (cause instanceof ProxyFailure && cause.hint !== undefined) return cause.hint;
  const fault = certificateFault(cause);
  const isRefused = networkCode(cause) === "ECONNREFUSED";
  if (otherInsecure !== undefined && (fault !== undefined || isRefused || isPlainHttp(cause)))
    return `--insecure is given for ${otherInsecure}, not for ${registry}: use --insecure ${registry}.`;
  if (isPlainHttp(cause)) return `Allow plain HTTP with --insecure ${registry} if you trust the network.`;
  if (wantsCertificate(cause))
    return "Add a client certificate and its key to certs.d/HOST, as NAME.cert and NAME.key; see docs/registries.";
  if (fault !== undefined)
    return `${certificateHints[fault]} --insecure ${registry} skips this check if you trust the network.`;
  if (reason.includes("not on the public internet")) return nameIt;
  if (/^HTTP status (?:5|\d+ \(UNAVAILABLE\))/.test(reason))
    return "The registry has an internal error: try again later, or check its log.";
  if (/429|Throttl|TooManyRequests|TOOMANYREQUESTS|rate limit/.test(reason))
    return "The rate limit is reached: wait, or log in for a higher limit.";
  return "Check the name of the registry, the network and the proxy variables.";
}

function wordsOfJson(text: string): string | undefined {
  const body = parseJson(text);
  if (body === undefined) return undefined;
  if (!isJsonObject(body)) return "";
  const errors = Array.isArray(body["errors"]) ? body["errors"].filter(isJsonObject).slice(0, 3) : [];
  const words = errors.map(({ code, message }) => clause(code, message));
  if (words.length > 0) return words.join("; ");
  const other = [body["error_description"], body["message"], body["Message"], body["details"], body["error"]];
  return clause(nameOfType(body["__type"]), other.find(isText));
}

/** The name of an error's type, as `com.amazonaws.ecr#NAME` or `NAME:http://…`. */
function nameOfType(type: unknown): string | undefined {
  return isText(type) ? /^(?:[^#:]*#)?([^#:]*)/.exec(type)?.[1] : undefined;
}

/**
 * The message of an XML document with an error at its root or just below it, as AWS's services and cloud storage
 * answer.
 */
function wordsOfXml(text: string): string | undefined {
  if (!/^\s*(?:<\?xml[^>]*>\s*)?<(?:ErrorResponse|Error)[\s>]/.test(text)) return undefined;
  return clause(
    xmlText(/<Code>([^<]*)<\/Code>/.exec(text)?.[1]),
    xmlText(/<Message>([^<]*)<\/Message>/.exec(text)?.[1]),
  );
}

function xmlText(text: string | undefined): string | undefined {
  return text?.replace(/&(?:#([0-9]+)|#x([0-9a-f]+)|(amp|apos|gt|lt|quot));/gi, characterOf);
}

const entities: Readonly<Record<string, string>> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };

/** The character of a reference in XML; an invalid reference stays as it is written. */
function characterOf(written: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return entities[name] ?? written;
  const point = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  const isNone = point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff);
  return isNone ? written : String.fromCodePoint(point);
}

function clause(code: unknown, message: unknown): string {
  return [code, message].filter((part) => isText(part) && part !== "").join(": ");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
