import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DockerAccess } from "../../pipeline/open-target.ts";

/** Where inventories of layers are kept unless the user says otherwise (XDG Base Directory Specification). */
export function defaultCacheFolder(): string {
  return process.env["PLIMSOLL_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "plimsoll");
}

/** Where `db build` puts the database unless the user says otherwise. */
export function defaultDatabasePath(): string {
  const data = process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share");
  return process.env["PLIMSOLL_DB"] ?? join(data, "plimsoll", "advisories.sqlite");
}

/** The database that a scan uses when none is named: the default one if it exists. */
export function foundDatabasePath(): string | undefined {
  if (process.env["PLIMSOLL_DB"]) return process.env["PLIMSOLL_DB"];
  const path = defaultDatabasePath();
  return existsSync(path) ? path : undefined;
}

/** How the environment says that the Docker Engine is reached: `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`. */
export function dockerAccess(): DockerAccess {
  const host = process.env["DOCKER_HOST"];
  if (!host) return {};
  const verify = Boolean(process.env["DOCKER_TLS_VERIFY"]);
  const folder = process.env["DOCKER_CERT_PATH"] ?? (verify ? join(homedir(), ".docker") : undefined);
  return folder === undefined ? { host } : { host, certificates: { folder, verify } };
}
