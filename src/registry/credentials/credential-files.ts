import { join } from "node:path";

/** A file in which credentials stand. */
export interface CredentialFile {
  readonly path: string;
  /** Docker's `config.json`, or the `auth.json` of Podman, Buildah and Skopeo. */
  readonly kind: "docker" | "containers";
}

/**
 * The files in which Docker, Podman and their kin would look for credentials, in the order in which they are asked, whether they
 * exist or not. As there, `DOCKER_CONFIG` stands in the place of `~/.docker`, and `REGISTRY_AUTH_FILE` in that of Podman's files.
 *
 * Source: docker/cli, "Configuration files"; containers-auth.json(5); XDG Base Directory Specification.
 */
export function credentialFiles(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): readonly CredentialFile[] {
  const docker = join(environment["DOCKER_CONFIG"] || join(home, ".docker"), "config.json");
  return [
    { path: docker, kind: "docker" },
    ...containersPaths(environment, home).map((path) => ({ path, kind: "containers" as const })),
  ];
}

function containersPaths(environment: Readonly<Record<string, string | undefined>>, home: string): string[] {
  const file = environment["REGISTRY_AUTH_FILE"];
  if (file) return [file];
  const folders = [environment["XDG_RUNTIME_DIR"], environment["XDG_CONFIG_HOME"] || join(home, ".config")];
  return folders.flatMap((folder) => (folder ? [join(folder, "containers", "auth.json")] : []));
}
