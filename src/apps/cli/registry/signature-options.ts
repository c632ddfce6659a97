import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import {
  builtInRoot,
  openSignaturePolicy,
  type SignaturePolicy,
  type SignatureTrust,
} from "../../../pipeline/targets/signature-trust.ts";
import { defaultCacheFolder } from "../environment.ts";
import { collectValues } from "../options/collect-values.ts";

/** The options that say whose signature counts, as commander gives them. */
export interface SignatureFlags {
  readonly key?: readonly string[];
  readonly identity?: readonly string[];
  readonly issuer?: string;
  readonly trustedRoot?: string;
  readonly annotation?: readonly (readonly [string, string])[];
}

/** Adds the options that say whose signature counts; `hidden` ones are not in the command's help. */
export function addSignatureOptions(command: Command, { hidden = false }: { readonly hidden?: boolean } = {}): Command {
  const options = [
    new Option("--key <file>", "a trusted public key, PEM; may be repeated").argParser(collectValues(filledText)),
    new Option("--identity <name>", "trusted identity in a certificate; * matches any text").argParser(
      collectValues(filledText),
    ),
    new Option("--issuer <url>", "identity provider that must have verified the identity"),
    new Option("--trusted-root <file>", `trusted_root.json, or ${builtInRoot} (default: fetched)`),
    new Option("--annotation <name=value>", "require a signed annotation; may be repeated").argParser(collectPairs),
  ];
  for (const option of options) command.addOption(hidden ? option.hideHelp() : option);
  return command;
}

/** True when one of the flags is given. */
export function namesSigner({ key, identity, issuer, trustedRoot, annotation }: SignatureFlags): boolean {
  return [key, identity, issuer, trustedRoot, annotation].some((option) => option !== undefined);
}

/** The policy that the flags make. Errors: those of {@link openSignaturePolicy}, `usage`. */
export function signaturePolicy(
  flags: SignatureFlags,
  { predicateType, signal }: { readonly predicateType?: string | undefined; readonly signal: AbortSignal },
): SignaturePolicy {
  const { key = [], identity = [], issuer, trustedRoot, annotation } = flags;
  if ((issuer === undefined) !== (identity.length === 0)) {
    throw new PlimsollError("usage", "--identity and --issuer belong together", {
      hint: "Give both: an identity is trusted only together with the identity provider (--issuer) that verified it.",
    });
  }
  const trust: SignatureTrust = {
    keyFiles: key,
    identities: issuer === undefined ? [] : identity.map((name) => ({ identity: name, issuer })),
    rootFolder: join(defaultCacheFolder(), "sigstore"),
    proxies: process.env,
    signal,
    ...(trustedRoot !== undefined && { trustedRoot }),
    ...(predicateType !== undefined && { predicateType }),
    ...(annotation && { annotations: Object.fromEntries(annotation) }),
  };
  return openSignaturePolicy(trust);
}

function filledText(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty.");
  return text;
}

function collectPairs(
  text: string,
  before: readonly (readonly [string, string])[] | undefined,
): readonly (readonly [string, string])[] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Expected NAME=VALUE, for example stage=production.");
  const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (before?.some(([other, wanted]) => other === name && wanted !== value))
    throw new InvalidArgumentError(`${name} was given with two values, but a signature has only one.`);
  return [...(before ?? []), [name, value]];
}
