import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { namedPath } from "../../io/files/named-path.ts";
import { PlimsollError } from "../../model/error.ts";

/** What TLS to an engine needs; PEM text. */
export interface DockerTls {
  /** The authorities that sign the engine's certificate; without them, the authorities that Node.js trusts. */
  readonly authorities?: string;
  /** The client's certificate and its key, when the engine asks for one. */
  readonly certificate?: string;
  readonly key?: string;
  /** False talks to an engine whatever its certificate says; `DOCKER_TLS` without `DOCKER_TLS_VERIFY`. */
  readonly verify: boolean;
}

/**
 * Reads `ca.pem`, `cert.pem` and `key.pem` from a folder (`DOCKER_CERT_PATH`). A file that is not there is left out;
 * throws `usage` for one that cannot be read, and for a certificate without its key.
 *
 * Source: Docker's documentation, "Protect the Docker daemon socket".
 */
export async function readDockerCertificates(folder: string, verify: boolean): Promise<DockerTls> {
  namedPath(folder, { setting: "DOCKER_CERT_PATH", kind: "folder" });
  const [authorities, certificate, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readIfPresent(join(folder, name))),
  );
  if ((certificate === undefined) !== (key === undefined)) {
    throw new PlimsollError("usage", `${folder} has only one of cert.pem and key.pem`, {
      hint: "Add the missing file, or remove both files if the engine requires no client certificate.",
    });
  }
  return {
    verify,
    ...(authorities !== undefined && { authorities }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PlimsollError("usage", `${path} cannot be read`, {
      hint: "Check DOCKER_CERT_PATH and the permissions of the files in it.",
      cause: error,
    });
  }
}
