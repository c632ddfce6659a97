import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * An authority of a test's own and what it signed: certificates for `127.0.0.1`, `localhost` and further names or
 * addresses, and for a client.
 */
export interface Certificates {
  readonly authority: CertificateFiles;
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
}

/** Makes certificates in a folder, with openssl. */
export function makeCertificates(folder: string, names: readonly string[] = []): Certificates {
  const authority = selfSigned(folder, "authority");
  return {
    authority,
    server: signed(folder, { name: "server", authority, extension: namesOf(names) }),
    client: signed(folder, { name: "client", authority, extension: "extendedKeyUsage=clientAuth" }),
  };
}

/** A certificate for `127.0.0.1`, `localhost` and further names, and the authority that signed it, which is no root. */
export function makeChain(
  folder: string,
  names: readonly string[] = [],
): { readonly intermediate: CertificateFiles; readonly server: CertificateFiles } {
  const root = selfSigned(folder, "root");
  const extension = "basicConstraints=critical,CA:TRUE";
  const intermediate = signed(folder, { name: "intermediate", authority: root, extension });
  return {
    intermediate,
    server: signed(folder, { name: "leaf", authority: intermediate, extension: namesOf(names) }),
  };
}

/** A certificate for `127.0.0.1` that the authority signed and that expires within a second. */
export function makeExpiring(folder: string, authority: CertificateFiles): CertificateFiles {
  return signed(folder, { name: "expiring", authority, extension: namesOf([]), days: 0 });
}

/** A certificate that the authority signed for these names alone. */
export function makeNamed(folder: string, authority: CertificateFiles, names: readonly string[]): CertificateFiles {
  const extension = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  return signed(folder, { name: "named", authority, extension });
}

function namesOf(names: readonly string[]): string {
  const all = ["127.0.0.1", "localhost", ...names].map((name) => `${isIP(name) === 0 ? "DNS" : "IP"}:${name}`);
  return `subjectAltName=${all.join(",")}`;
}

/** The text of a PEM file. */
export function pem(path: string): string {
  return readFileSync(path, "utf8");
}

function selfSigned(folder: string, name: string): CertificateFiles {
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  openssl([
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-sha256",
    "-days",
    "2",
    "-subj",
    `/CN=plimsoll test ${name}`,
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-keyout",
    files.key,
    "-out",
    files.certificate,
  ]);
  return files;
}

function signed(
  folder: string,
  {
    name,
    authority,
    extension,
    days = 2,
  }: { name: string; authority: CertificateFiles; extension: string; days?: number },
): CertificateFiles {
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.cnf`);
  writeFileSync(extensions, extension);
  openssl(["req", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`, "-keyout", files.key, "-out", request]);
  openssl([
    "x509",
    "-req",
    "-in",
    request,
    "-CA",
    authority.certificate,
    "-CAkey",
    authority.key,
    "-CAcreateserial",
    "-days",
    `${days}`,
    "-sha256",
    "-extfile",
    extensions,
    "-out",
    files.certificate,
  ]);
  return files;
}

function openssl(arguments_: readonly string[]): void {
  execFileSync("openssl", arguments_, { stdio: "pipe", timeout: 30_000 });
}
