import { rmSync } from "node:fs";
import { join } from "node:path";
import { tagOf } from "./images/archives.ts";
import { findProgram, type TimedCommand } from "./measure.ts";
import { engineEnvironment, registryName, type ScanSource, withScheme } from "./scan-source.ts";

/** Commands of other programs on one source, of those that are installed. */
export interface PeerCommands {
  /** With whatever they cache removed before each run. */
  readonly cold: readonly TimedCommand[];
  /** With their cache filled by the run before, for those that have one. */
  readonly warm: readonly TimedCommand[];
}

/** The peers of the bench that are not on the path. */
export function missingPeers(): readonly string[] {
  return ["syft", "grype", "trivy"].filter((name) => findProgram(name) === undefined);
}

/**
 * What the peers do with an image, without a network and with their default extractors. Syft lists packages, licences and files'
 * digests. Trivy lists packages and looks for no vulnerabilities. Grype lists as Syft does and matches against the database that it
 * has; it fails without one.
 */
export function peerCommands(source: ScanSource, folder: string): PeerCommands {
  const env = { ...engineEnvironment(source), ...quietEnvironment };
  const cache = join(folder, "trivy-cache");
  const emptyCache = (): void => rmSync(cache, { recursive: true, force: true });
  const trivy = [...["trivy", "image", "--cache-dir", cache], ...trivyOptions, ...trivyTarget(source)];
  const target = withScheme(source);
  const installed = (command: TimedCommand): boolean => findProgram(command.command[0] ?? "") !== undefined;
  return {
    cold: [
      { name: "syft", command: ["syft", "scan", target, "-o", "cyclonedx-json", "-q"], env },
      { name: "grype", command: ["grype", target, "-o", "json", "-q"], env },
      { name: "trivy, empty cache", command: trivy, env, prepare: emptyCache },
    ].filter(installed),
    warm: [{ name: "trivy, filled cache", command: trivy, env }].filter(installed),
  };
}

const quietEnvironment = {
  SYFT_CHECK_FOR_APP_UPDATE: "false",
  SYFT_REGISTRY_INSECURE_USE_HTTP: "true",
  GRYPE_CHECK_FOR_APP_UPDATE: "false",
  GRYPE_REGISTRY_INSECURE_USE_HTTP: "true",
  GRYPE_DB_AUTO_UPDATE: "false",
  GRYPE_DB_VALIDATE_AGE: "false",
};

const trivyOptions = [
  ...["--format", "cyclonedx", "--offline-scan", "--skip-db-update", "--skip-java-db-update"],
  ...["--skip-version-check", "--disable-telemetry", "--quiet"],
];

/** Trivy reads an OCI layout as a folder. */
function trivyTarget(source: ScanSource): readonly string[] {
  const { kind, archives, image } = source;
  switch (kind) {
    case "oci-archive":
      return ["--input", archives.ociFolder];
    case "docker-archive":
      return ["--input", archives.dockerArchive];
    case "engine":
      return ["--image-src", "docker", tagOf(image)];
    case "registry":
      return ["--image-src", "remote", "--insecure", registryName(source)];
  }
}
