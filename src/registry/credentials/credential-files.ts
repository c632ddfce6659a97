import { join } from "node:path";
import { namedPath, type PathSetting } from "../../io/files/named-path.ts";

/** A file in which credentials stand. */
export interface CredentialFile {
  readonly path: string;
  /** Docker's `config.json`, or the `auth.json` of Podman, Buildah and Skopeo. */
  readonly kind: "docker" | "containers";
  /**
   * True for a usual place, which counts as missing when it cannot be read; the user may not have put any file there.
   */
  readonly mayBeClosed?: true;
  /** What the user wrote to name it, absent for a usual place. */
  readonly given?: PathSetting & { readonly text: string };
}

/**
 * The path of a file with credentials. Error: `usage` when a variable holds something else than a path, such as
 * credentials.
 */
export function pathOf({ path, given }: CredentialFile): string {
  if (given) namedPath(given.text, given);
  return path;
}

const contentVariable = "To pass the content of the file, use DOCKER_AUTH_CONFIG.";

/** The user whose files are read. */
export interface FileOwner {
  /** The user's home folder. */
  readonly home: string;
  /** The user's number, where users have one. */
  readonly uid?: number | undefined;
}

/**
 * The files in which Docker, Podman and their kin would look for credentials, in the order in which they are asked,
 * whether they exist or not. As there, `DOCKER_CONFIG` stands in place of `~/.docker`, `REGISTRY_AUTH_FILE` in that of
 * Podman's files, and `/run/containers/UID` in that of `XDG_RUNTIME_DIR` when that is not set, as for root. Only the
 * first two name a file; the others, like `HOME`, often belong to another user.
 *
 * Source: docker/cli, "Configuration files"; containers-auth.json(5) and containers/image `pkg/docker/config`; XDG Base
 * Directory Specification.
 */
export function credentialFiles(
  environment: Readonly<Record<string, string | undefined>>,
  { home, uid }: FileOwner,
): readonly CredentialFile[] {
  const folder = environment["DOCKER_CONFIG"];
  const docker: CredentialFile = {
    path: join(folder || join(home, ".docker"), "config.json"),
    kind: "docker",
    ...(folder
      ? { given: { text: folder, setting: "DOCKER_CONFIG", kind: "folder", instead: contentVariable } }
      : { mayBeClosed: true }),
  };
  const kind = "containers";
  const file = environment["REGISTRY_AUTH_FILE"];
  if (file)
    return [
      docker,
      { path: file, kind, given: { text: file, setting: "REGISTRY_AUTH_FILE", instead: contentVariable } },
    ];
  const config = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return [
    docker,
    ...runtimeFiles(environment["XDG_RUNTIME_DIR"], uid),
    { path: join(config, "containers", "auth.json"), kind, mayBeClosed: true },
  ];
}

function runtimeFiles(folder: string | undefined, uid: number | undefined): readonly CredentialFile[] {
  if (!folder && uid === undefined) return [];
  const path = folder ? join(folder, "containers", "auth.json") : `/run/containers/${uid}/auth.json`;
  return [{ path, kind: "containers", mayBeClosed: true }];
}
