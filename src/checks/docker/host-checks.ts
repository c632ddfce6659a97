import type { EngineVersionFact } from "../../model/engine-facts.ts";
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

/** The machine on which the engine runs, and who may use it. */
export const dockerHostChecks: readonly Check<DockerFacts>[] = [
  dockerCheck(
    "data-partition",
    {
      title: "Docker's data folder has a file system of its own",
      severity: "medium",
      why: "Images and containers that fill the disk would otherwise stop the whole host.",
      remediation: "Mount a separate file system at the data folder, or move the folder to one with data-root.",
      cis: ["1.1.1"],
    },
    {
      needs: ["info", "mounts"],
      evaluate(facts) {
        const folder = known(facts.info).rootFolder;
        if (folder === undefined)
          return [{ state: "warn", evidence: [], reason: "the engine does not say where its data lies" }];
        const mounts = known(facts.mounts);
        const mount = mounts.findLast(({ path }) => path === folder);
        // dockerd mounts its folder onto itself, which shows as a mount and is none of its own.
        const around = mounts
          .filter(({ path }) => path !== folder && (path === "/" || folder.startsWith(`${path}/`)))
          .reduce<(typeof mounts)[number] | undefined>(
            (a, b) => (a && a.path.length > b.path.length ? a : b),
            undefined,
          );
        const own = mount !== undefined && mount.device !== around?.device;
        const value = own ? `${mount.source} (${mount.type})` : "part of a larger file system";
        return [{ resource: folder, ...judged(own, `mount at ${folder}`, value, "a file system of its own") }];
      },
    },
  ),
  dockerCheck(
    "group-members",
    {
      title: "Only trusted people are in the group that may use Docker's socket",
      severity: "high",
      why: "Whoever may talk to the socket of a daemon that runs as root can become root on the host.",
      remediation: "Take people out of the group who need not run containers.",
      cis: ["1.1.2"],
    },
    {
      needs: ["groups", "users"],
      evaluate(facts) {
        const group = known(facts.groups).find(({ name }) => name === "docker");
        if (!group) return [{ state: "not-applicable", evidence: [], reason: "there is no group docker" }];
        const primary = known(facts.users).filter(({ gid }) => gid === group.gid);
        const members = [...new Set([...group.members, ...primary.map(({ name }) => name)])].filter(
          (name) => name !== "root",
        );
        const seen = [evidence("members of docker", members.join(", ") || "nobody")];
        if (members.length === 0) return [{ state: "pass", evidence: seen }];
        const reason = "whether each of these people is trusted with root on this host, only a person can tell";
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
      title: "The host itself is hardened",
      severity: "medium",
      why: "Containers share the host's kernel: a weak host makes every container weak.",
      remediation: "Run plimsoll check host, and follow the guide of the distribution.",
      cis: ["1.2.1"],
    },
    "plimsoll check host looks at what can be looked at; which guide applies is for a person to say",
  ),
  dockerCheck(
    "version-current",
    {
      title: "The engine's version is a current one",
      severity: "medium",
      why: "Fixes for ways out of containers come with new versions only.",
      remediation: "Install the newest version that the distribution or Docker supports.",
      cis: ["1.2.2"],
    },
    {
      needs: ["version"],
      evaluate: (facts) => [
        {
          state: "manual",
          evidence: [evidence("version of the engine", known(facts.version).engine)],
          reason: "which version is current changes daily, and distributions carry fixes under old numbers",
        },
      ],
    },
  ),
  dockerCheck(
    "runtime-vulnerabilities",
    {
      title: "Engine, containerd and runc have no known way out of a container",
      severity: "critical",
      why: "These programs run as root and handle what images and containers say; their known flaws give root on the host.",
      remediation:
        "Update the program to the version named, or later; a scan of the host's packages knows more than this short list.",
    },
    {
      needs: ["version"],
      evaluate(facts) {
        const installed = "value" in facts.runtimes ? facts.runtimes.value : [];
        const told = programsOf(known(facts.version)).map((program) => {
          // The engine tells versions alone; the host knows whose packages they are.
          const same = installed.find(({ name, version }) => name === program.name && version === program.version);
          return { ...program, ...(same?.origin !== undefined && { origin: same.origin }) };
        });
        return vulnerabilityObservations(told);
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
