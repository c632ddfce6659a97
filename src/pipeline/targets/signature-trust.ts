import { namedPath } from "../../io/files/named-path.ts";
import { readSmallFile } from "../../io/files/read-small-file.ts";
import { asTargetError } from "../../io/http/as-target-error.ts";
import type { ProxyEnvironment } from "../../io/http/http-client.ts";
import { PlimsollError } from "../../model/error.ts";
import { readPublicKeys } from "../../registry/signatures/public-key.ts";
import type { SignaturePolicy, TrustedIdentity } from "../../registry/signatures/signature-policy.ts";
import { readTrustedRoot } from "../../registry/signatures/trusted-root-document.ts";

export type { SignaturePolicy, TrustedIdentity } from "../../registry/signatures/signature-policy.ts";

/** Trusted signers, as a user names them. */
export interface SignatureTrust extends Pick<SignaturePolicy, "annotations" | "predicateType"> {
  /** Paths of files with public keys in PEM. */
  readonly keyFiles: readonly string[];
  readonly identities: readonly TrustedIdentity[];
  /**
   * The path of a `trusted_root.json`, or {@link builtInRoot}; that of Sigstore's public instance is fetched unless
   * given.
   */
  readonly trustedRoot?: string;
  /** A folder for what proves a fetched trusted root. */
  readonly rootFolder: string;
  readonly proxies: ProxyEnvironment;
  readonly signal: AbortSignal;
}

/** In place of a path: the trusted root that ships with the program. */
export const builtInRoot = "built-in";

const largestFile: number = 4 * 1024 * 1024;

/**
 * The policy that a user's words make. Files are read now; a trusted root is fetched once, when the first certificate
 * needs it.
 *
 * Errors: `usage` when the policy trusts no signer, or every one; `target-not-found`, `target-unreadable`,
 * `limit-exceeded` and `file-malformed` for files.
 */
export function openSignaturePolicy(trust: SignatureTrust): SignaturePolicy {
  const { keyFiles, identities, annotations, predicateType, trustedRoot } = trust;
  if (keyFiles.length === 0 && identities.length === 0) {
    throw new PlimsollError("usage", "no trusted signer given", {
      hint: "Give --key cosign.pub, or --identity NAME with --issuer URL.",
    });
  }
  for (const pattern of identities.flatMap(({ identity, issuer }) => [identity, issuer])) {
    if (/^\**$/.test(pattern)) {
      throw new PlimsollError("usage", "an identity or issuer that is only * would trust every signer", {
        hint: "Give as much of it as you know, for example https://github.com/OWNER/REPOSITORY/*.",
      });
    }
  }
  const keys = keyFiles.flatMap((path) => readPublicKeys(readTrustFile(keyFile(path)).toString("utf8"), path));
  let opened: Promise<Uint8Array> | undefined;
  const root =
    trustedRoot === undefined || trustedRoot === builtInRoot
      ? undefined
      : readTrustFile(namedPath(trustedRoot, { setting: "--trusted-root" }));
  if (root) readTrustedRoot(root);
  return {
    keys: keys.filter((key, index) => keys.findIndex(({ fingerprint }) => fingerprint === key.fingerprint) === index),
    identities,
    ...(annotations && { annotations }),
    ...(predicateType !== undefined && { predicateType }),
    trustedRoot() {
      opened ??= root ? Promise.resolve(root) : openRoot(trust);
      return opened;
    },
  };
}

async function openRoot({ trustedRoot, rootFolder, proxies, signal }: SignatureTrust): Promise<Uint8Array> {
  const { builtInTrustedRoot, fetchTrustedRoot } = await import("../../registry/signatures/trusted-root.ts");
  if (trustedRoot === builtInRoot) return builtInTrustedRoot();
  return fetchTrustedRoot({ cacheFolder: rootFolder, proxies, signal });
}

/** A path. Error: `usage` for a key itself, and for the address of one that is kept elsewhere. */
function keyFile(text: string): string {
  const [, scheme] = /^([a-z][a-z0-9+.-]{0,30}):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return namedPath(text, { setting: "--key" });
  throw new PlimsollError("usage", `--key needs a file path, not a URL (${scheme}://)`, {
    hint: "Give the public key as a file; cosign public-key --key ADDRESS writes it.",
  });
}

function readTrustFile(path: string): Buffer {
  try {
    return readSmallFile(path, { largest: largestFile });
  } catch (cause) {
    if (cause instanceof PlimsollError) throw tooLarge(path);
    throw asTargetError(path, cause);
  }
}

function tooLarge(path: string): PlimsollError {
  return new PlimsollError("limit-exceeded", `${path} is too large for a key or a trusted root`);
}
