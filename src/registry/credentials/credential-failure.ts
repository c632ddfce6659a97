import { isAbsolute } from "node:path";
import { PlimsollError } from "../../model/error.ts";

/**
 * `file-malformed`: a file with credentials, or a variable in its place, is against its format; `reason` is a clause.
 * Never with a cause: what a JSON parser says quotes what it read.
 */
export function malformedFile(origin: string, reason: string): PlimsollError {
  return new PlimsollError("file-malformed", `${origin} cannot be used for credentials: ${reason}`, {
    hint: "Correct the credentials, or remove them and log in again with plimsoll login.",
  });
}

/** `target-unreadable`: a file with credentials is there and cannot be read; `reason` is a clause. */
export function unreadableFile(path: string, reason: string): PlimsollError {
  return new PlimsollError("target-unreadable", `the credentials file ${path} cannot be read: ${reason}`, {
    hint: "Check the permissions of the file, or use another one: set DOCKER_CONFIG to a Docker config folder, or REGISTRY_AUTH_FILE to a Podman auth file.",
  });
}

/**
 * `target-unreadable`: a file with credentials that a variable names does not exist. A path that is not absolute does
 * not show: it may be a secret that was put into the variable by mistake.
 */
export function missingFile(path: string, variable: string): PlimsollError {
  const what = isAbsolute(path) ? `${path}, set by ${variable},` : `the file set by ${variable}`;
  return new PlimsollError("target-unreadable", `${what} does not exist`, {
    hint: `Correct ${variable}, or log in to create the file.`,
  });
}

/** What a failure of a credential helper is about. */
export interface HelperFailure {
  /** What follows `docker-credential-` in its name. */
  readonly helper: string;
  /** The file that names the helper. */
  readonly origin: string;
  /** A clause. */
  readonly reason: string;
}

/** `target-unreadable`: a credential helper is missing or fails. */
export function helperFailed({ helper, origin, reason }: HelperFailure): PlimsollError {
  return new PlimsollError(
    "target-unreadable",
    `docker-credential-${helper}, which is set in ${origin}, failed: ${reason}`,
    {
      hint: `Run docker-credential-${helper} list manually, or remove the helper from ${origin} and log in again.`,
    },
  );
}
