/** What to do instead, by the options of Trivy and Grype that Plimsoll does not have. */
const hints: ReadonlyMap<string, string> = new Map([
  ["--exit-code", "To exit with 1 when something is found: --fail-on SEVERITY, for example --fail-on high."],
  ["--fail-on-severity", "Use --fail-on SEVERITY, for example --fail-on high."],
  ["--only-fixed", "Use plimsoll scan --ignore-unfixed."],
  ["--ignore-states", "Use plimsoll scan --ignore-unfixed."],
  ["--ignore-status", "Use plimsoll scan --ignore-unfixed."],
  ["--skip-db-update", "Use --no-update, or --offline to use no network at all."],
  ["--skip-java-db-update", "Use --no-update, or --offline to use no network at all."],
  ["--offline-scan", "Use --offline."],
  ["--download-db-only", "Run plimsoll db update."],
  ["--db-repository", "Run plimsoll db pull to pull a database from a registry."],
  ["--scanners", "Only plimsoll scan has scanners; misconfiguration: plimsoll check."],
  ["--security-checks", "Use plimsoll scan --scanners LIST; misconfiguration: plimsoll check."],
  ["--image-config-scanners", "Run plimsoll check image NAME."],
  ["--ignorefile", "Run plimsoll waive --import FILE to add its entries to plimsoll.yaml."],
  ["--ignore-policy", "Ignore policies are not supported; to show less: --severity LIST or --ignore-unfixed."],
  ["--vex", "Use plimsoll scan --vex FILE."],
  ["--severity", "Only plimsoll scan filters by severity; to set the exit code: --fail-on SEVERITY."],
  ["--ignore-unfixed", "Only plimsoll scan filters findings; to set the exit code: --fail-on SEVERITY."],
  ["-s", "Use plimsoll scan --severity LIST, for example --severity high,critical."],
  ["--input", "Use the file as the target: plimsoll scan image.tar."],
  ["--image-src", "Specify the source as a scheme: docker:NAME, podman:NAME, containerd:NAME or registry:NAME."],
  ["--from", "Specify the source as a scheme: docker:NAME, podman:NAME, containerd:NAME or registry:NAME."],
  ["--cache-dir", "Use --cache DIR."],
  ["--no-progress", "Use -q, --quiet."],
  ["--quiet", "This command has no progress line; remove the option."],
  ["-q", "This command has no progress line; remove the option."],
  ["--file", "Use -o, --output FILE."],
  ["--list-all-pkgs", "Run plimsoll sbom NAME."],
  ["--username", "Run plimsoll login REGISTRY."],
]);

/** What does the job of an option of another scanner; undefined for an option that is not known from one. */
export function hintForOption(option: string): string | undefined {
  return hints.get(option);
}
