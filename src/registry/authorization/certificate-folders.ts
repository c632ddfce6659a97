import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readNamedText } from "../../io/files/read-small-file.ts";
import { PlimsollError } from "../../model/error.ts";
import type { RegistrySettings } from "../connection/registry-settings.ts";

/** What a registry is asked with, by the files that lie ready for it. */
export type Certificates = Pick<RegistrySettings, "ca" | "clientCertificate">;

const largestFile: number = 1024 * 1024;
const mostFiles = 100;

/**
 * The folders in which Docker, Podman and containerd have certificates by registry, in the order in which they are
 * asked.
 * Sources: Docker, "Verify repository client with certificates"; containers-certs.d(5).
 */
export function certificateFolders(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): readonly string[] {
  const config = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return [
    join(config, "containers", "certs.d"),
    "/etc/containers/certs.d",
    join(config, "docker", "certs.d"),
    "/etc/docker/certs.d",
  ];
}

/**
 * The certificates for a registry in the first of the folders that has some: `*.crt` are authorities, `NAME.cert` and
 * `NAME.key` are what it is shown. Folders that do not exist or may not be opened do not contribute any. Errors:
 * `target-unreadable` for a file in the folder of this registry, `file-malformed` for a certificate without its key, a
 * key without its certificate, or authorities without a certificate in PEM.
 */
export function certificatesFor(registry: string, folders: readonly string[]): Certificates {
  for (const parent of folders) {
    const folder = join(parent, registry);
    const names = namesIn(folder);
    const authorities = names.filter((name) => name.endsWith(".crt"));
    const certificate = names.find((name) => name.endsWith(".cert"));
    const lonely = names.find((name) => name.endsWith(".key") && !names.includes(name.replace(/key$/, "cert")));
    if (lonely !== undefined) throw without(join(folder, lonely), "certificate", ".cert");
    if (authorities.length === 0 && certificate === undefined) continue;
    return {
      ...(authorities.length > 0 && { ca: authorities.map((name) => readAuthorities(join(folder, name))).join("\n") }),
      ...(certificate !== undefined && { clientCertificate: readPair(folder, certificate, names) }),
    };
  }
  return {};
}

function readPair(
  folder: string,
  certificate: string,
  names: readonly string[],
): NonNullable<Certificates["clientCertificate"]> {
  const key = certificate.replace(/cert$/, "key");
  if (!names.includes(key)) throw without(join(folder, certificate), "key", ".key");
  return {
    certificate: readNamedText(join(folder, certificate), { largest: largestFile }),
    key: readNamedText(join(folder, key), { largest: largestFile }),
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort().slice(0, mostFiles);
  } catch {
    return [];
  }
}

/**
 * The text of a file of authorities. Errors: `target-not-found`, `target-unreadable`, `limit-exceeded`,
 * `file-malformed` for one without a certificate.
 */
export function readAuthorities(path: string): string {
  const text = readNamedText(path, { largest: largestFile });
  // Node silently ignores text that is not a certificate.
  if (/^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m.test(text)) return text;
  throw new PlimsollError("file-malformed", `${path} contains no PEM certificate`, {
    hint: "Convert a DER file with: openssl x509 -inform der -in FILE -out FILE.pem",
  });
}

function without(path: string, what: string, ending: string): PlimsollError {
  return new PlimsollError("file-malformed", `the ${what} for ${path} is missing`, {
    hint: `Add the ${what} to the same folder, with the same name and the ending ${ending}, or remove the file.`,
  });
}
