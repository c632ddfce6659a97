import type { EngineVersionFact } from "../../model/checks/engine-facts.ts";
import type { Check } from "../check.ts";
import { evidence, shellWord } from "../evidence.ts";
import { known } from "../known.ts";
import { type RuntimeProgram, vulnerabilityObservations } from "../linux/runtime-vulnerabilities.ts";
import { dockerCheck, judged, manualCheck } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const partNames: ReadonlyMap<string, string> = new Map([
  ["Engine", "docker"],
  ["Podman Engine", "podman"],
]);
const engines: ReadonlySet<string> = new Set(partNames.values());

/** The host of the engine, and who may use the engine. */
export const dockerHostChecks: readonly Check<DockerFacts>[] = [
  dockerCheck(
    "data-partition",
    {
      title: {
        pass: "Docker data directory has a separate file system",
        fail: "Docker data directory has no separate file system",
      },
      severity: "medium",
      why: "Images and containers can fill the disk and stop the whole host.",
      remediation: "Mount a separate file system at the data directory, or move the directory to one with data-root.",
      cis: ["1.1.1"],
    },
    {
      needs: ["info", "mounts"],
      evaluate(facts) {
        const folder = known(facts.info).rootFolder;
        if (folder === undefined)
          return [{ state: "warn", evidence: [], reason: "the engine did not report its data directory" }];
        const mounts = known(facts.mounts);
        const mount = mounts.findLast(({ path }) => path === folder);
        // dockerd bind-mounts its directory onto itself, which is not a separate file system.
        const around = mounts
          .filter(({ path }) => path !== folder && (path === "/" || folder.startsWith(`${path}/`)))
          .reduce<(typeof mounts)[number] | undefined>(
            (a, b) => (a && a.path.length > b.path.length ? a : b),
            undefined,
          );
        const own = mount !== undefined && mount.device !== around?.device;
        const value = own ? `${mount.source} (${mount.type})` : "none (part of a larger file system)";
        return [{ resource: folder, ...judged(own, `mount at ${folder}`, value, "a separate file system") }];
      },
    },
  ),
  dockerCheck(
    "group-members",
    {
      title: { pass: "Group docker has only trusted members", fail: "Group docker has untrusted members" },
      severity: "high",
      why: "Members of the group can become root on the host through the socket of a rootful daemon.",
      remediation: "Remove users who do not need to run containers from the group.",
      cis: ["1.1.2"],
    },
    {
      needs: ["groups", "users"],
      evaluate(facts) {
        const group = known(facts.groups).find(({ name }) => name === "docker");
        if (!group) return [{ state: "not-applicable", evidence: [], reason: "group docker does not exist" }];
        const primary = known(facts.users).filter(({ gid }) => gid === group.gid);
        const members = [...new Set([...group.members, ...primary.map(({ name }) => name)])].filter(
          (name) => name !== "root",
        );
        const seen = [evidence("members of group docker", members.join(", ") || "none")];
        if (members.length === 0) return [{ state: "pass", evidence: seen }];
        const reason = "review whether each member may become root on this host";
        return [
          {
            state: "manual",
            evidence: seen,
            reason,
            commands: members.map((name) => `gpasswd -d ${shellWord(name)} docker`),
          },
        ];
      },
    },
  ),
  manualCheck(
    "host-hardened",
    {
      title: { pass: "Host is hardened", fail: "Host is not hardened" },
      severity: "medium",
      why: "Containers share the kernel of the host, so a weak host makes every container weak.",
      remediation: "Run plimsoll check host, and follow the hardening guide of the distribution.",
      cis: ["1.2.1"],
    },
    "plimsoll check host covers the automated part; review the hardening guide that applies",
  ),
  dockerCheck(
    "version-current",
    {
      title: { pass: "Docker Engine version is current", fail: "Docker Engine version is outdated" },
      severity: "medium",
      why: "Fixes for container escapes come only with new versions.",
      remediation: "Install the newest version that the distribution or Docker supports.",
      cis: ["1.2.2"],
    },
    {
      needs: ["version"],
      evaluate: (facts) => [
        {
          state: "manual",
          evidence: [evidence("engine version", known(facts.version).engine)],
          reason:
            "the current version changes often, and distributions backport fixes; compare with the supported versions",
        },
      ],
    },
  ),
  dockerCheck(
    "runtime-vulnerabilities",
    {
      title: {
        pass: "Engine, containerd and runc have no known container escape",
        fail: "Engine, containerd or runc has a known container escape",
      },
      severity: "critical",
      why: "These programs run as root and process untrusted images and containers; their vulnerabilities give root on the host.",
      remediation:
        "Update the program to the given version or later. A scan of the host packages covers more vulnerabilities than this list.",
    },
    {
      needs: ["version"],
      evaluate(facts) {
        const installed = "value" in facts.runtimes ? facts.runtimes.value : [];
        const reported = programsOf(known(facts.version)).map((program) => {
          // The engine reports versions only; the host knows which packages they come from.
          const same = installed.find(({ name, version }) => name === program.name && version === program.version);
          return {
            ...program,
            ...(same?.origin !== undefined && { origin: same.origin }),
            ...(same?.advisories && { advisories: same.advisories }),
          };
        });
        return vulnerabilityObservations(reported);
      },
    },
  ),
];

/** The engine and its parts by the names of their programs. */
function programsOf({ engine, components }: EngineVersionFact): RuntimeProgram[] {
  const programs = components.map(({ name, version, commit }) => ({
    name: partNames.get(name) ?? name.toLowerCase(),
    version,
    ...(commit !== undefined && { build: commit }),
  }));
  return programs.some(({ name }) => engines.has(name)) ? programs : [{ name: "docker", version: engine }, ...programs];
}
