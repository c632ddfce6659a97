import { isAbsolute } from "node:path";
import { PlimsollError } from "../../model/error.ts";

/**
 * `file-malformed`: a file with credentials, or a variable in its place, is against its format; `reason` is a clause.
 * Never with a cause: what a JSON parser says quotes what it read.
 */
export function malformedFile(origin: string, reason: string): PlimsollError {
  return new PlimsollError("file-malformed", `${origin} cannot be used for credentials: ${reason}`, {
    hint: "Correct it, or move it away and log in again with plimsoll login.",
  });
}

/** `target-unreadable`: a file with credentials is there and cannot be read; `reason` is a clause. */
export function unreadableFile(path: string, reason: string): PlimsollError {
  return new PlimsollError("target-unreadable", `${path}, a file with credentials, cannot be read: ${reason}`, {
    hint: "Let the user who runs this read the file, or use another: DOCKER_CONFIG is the folder of Docker's, REGISTRY_AUTH_FILE that of Podman.",
  });
}

/**
 * `target-unreadable`: a file with credentials that a variable names does not exist. A path that is not absolute does
 * not show: it may be a secret that was put into the variable by mistake.
 */
export function missingFile(path: string, variable: string): PlimsollError {
  const what = isAbsolute(path) ? `${path}, to which ${variable} leads,` : `the file to which ${variable} leads`;
  return new PlimsollError("target-unreadable", `${what} does not exist`, {
    hint: `Correct ${variable}, or log in, which makes the file.`,
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
    `docker-credential-${helper}, which ${origin} names, fails: ${reason}`,
    {
      hint: `Run docker-credential-${helper} list manually, or take the helper out of ${origin} and log in again.`,
    },
  );
}
