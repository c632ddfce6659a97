import type { SwarmFact } from "../../model/engine-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { type DockerCheckText, dockerCheck, judged, type Look, untold } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const mostManagers = 7;
const swarmPorts: ReadonlySet<number> = new Set([2377, 7946]);
const nanosecondsPerDay = 86_400e9;
const usualCertificateDays = 90;

/** How a swarm is set up; seen from a manager. */
export const swarmChecks: readonly Check<DockerFacts>[] = [
  swarmCheck(
    "swarm-managers",
    {
      title: "The swarm has as few managers as its safety needs",
      severity: "low",
      why: "Each manager holds every secret of the swarm; an even number adds no safety.",
      remediation: "Have 1, 3, 5 or 7 managers.",
      cis: ["7.1"],
    },
    ({ nodes }) => {
      const managers = nodes.filter(({ manager }) => manager).length;
      return [judged(managers % 2 === 1 && managers <= mostManagers, "managers", managers, "1, 3, 5 or 7")];
    },
  ),
  dockerCheck(
    "swarm-bind-address",
    {
      title: "The swarm listens at one address of the host",
      severity: "medium",
      why: "Its ports otherwise can be reached from every network that the host is on.",
      remediation: "Set the swarm up again with --listen-addr ADDRESS:2377.",
      cis: ["7.2"],
    },
    {
      needs: ["info", "listeners"],
      evaluate(facts) {
        if (known(facts.info).swarm.state !== "active") return [noSwarm()];
        const open = known(facts.listeners).filter(({ port }) => swarmPorts.has(port));
        if (open.length === 0) {
          return [{ state: "warn", evidence: [], reason: "no socket at the swarm's usual ports was seen" }];
        }
        const wide = open.filter(({ address }) => address === "0.0.0.0" || address === "::");
        const shown = open.map(({ address, port }) => `${address}:${port}`).join(" ");
        return [judged(wide.length === 0, "sockets of the swarm", shown, "one address of the host")];
      },
    },
  ),
  dockerCheck(
    "swarm-overlay-encryption",
    {
      title: "Networks between nodes are encrypted",
      severity: "medium",
      why: "What containers on different nodes say to each other otherwise goes over the wire as it is.",
      remediation: "Make the network with --opt encrypted.",
      cis: ["7.3"],
    },
    {
      needs: ["networks", "info"],
      evaluate(facts): Observation[] {
        const networks = known(facts.networks).filter(({ driver, scope }) => driver === "overlay" && scope === "swarm");
        if (networks.length === 0)
          return [{ state: "not-applicable", evidence: [], reason: "there is no overlay network" }];
        return networks.map(({ name, options }) => ({
          resource: `network ${name}`,
          ...judged(
            "encrypted" in options && options["encrypted"] !== "false",
            "option encrypted",
            options["encrypted"] ?? "not set",
            "set",
          ),
        }));
      },
    },
  ),
  swarmCheck(
    "swarm-secrets",
    {
      title: "Services get secrets from the swarm, not from variables",
      severity: "medium",
      why: "Variables are shown to everybody who may inspect a service.",
      remediation: "Make them secrets of the swarm, and name them in the service.",
      cis: ["7.4"],
    },
    ({ services, secrets }) => {
      const open = services.filter(({ environment }) => environment.some(({ secret }) => secret));
      if (open.length > 0) {
        return open.map(({ name, environment }) => ({
          resource: `service ${name}`,
          state: "fail",
          evidence: environment
            .filter(({ secret }) => secret)
            .map((one) => evidence(`variable ${one.name}`, one.shape, "no secret")),
        }));
      }
      const seen = [evidence("secrets of the swarm", secrets), evidence("services", services.length)];
      const reason = "whether services get secrets in another way, only a person can tell";
      return [
        services.length === 0 || secrets > 0
          ? { state: "pass", evidence: seen }
          : { state: "manual", evidence: seen, reason },
      ];
    },
  ),
  swarmCheck(
    "swarm-auto-lock",
    {
      title: "A manager that restarts must be unlocked",
      severity: "medium",
      why: "The keys of the swarm otherwise lie readable on each manager's disk.",
      remediation: "Switch the lock on, and keep the key in a safe place.",
      cis: ["7.5"],
    },
    ({ autoLock }) => {
      if (autoLock === undefined) return [untold("whether managers lock")];
      const seen = judged(autoLock, "auto-lock", autoLock, "true");
      return [autoLock ? seen : { ...seen, commands: ["docker swarm update --autolock=true"] }];
    },
  ),
  swarmCheck(
    "swarm-unlock-key",
    {
      title: "The key that unlocks managers is changed from time to time",
      severity: "low",
      why: "A key that leaked unlocks managers until it is changed.",
      remediation: "Change it on a plan, and when somebody who knew it leaves.",
      cis: ["7.6"],
    },
    () => [person("the engine does not say when the key was changed", "docker swarm unlock-key --rotate")],
  ),
  swarmCheck(
    "swarm-node-certificates",
    {
      title: "Certificates of nodes expire soon",
      severity: "low",
      why: "A node's stolen certificate is good until it expires.",
      remediation: "Let them expire earlier than the usual 90 days.",
      cis: ["7.7"],
    },
    ({ certificateExpiry }) => {
      if (certificateExpiry === undefined) return [untold("when certificates expire")];
      const days = certificateExpiry / nanosecondsPerDay;
      const seen = judged(
        days < usualCertificateDays,
        "certificates expire after",
        `${Math.round(days * 10) / 10} days`,
        "less than 90 days",
      );
      return [seen.state === "fail" ? { ...seen, commands: ["docker swarm update --cert-expiry 720h"] } : seen];
    },
  ),
  swarmCheck(
    "swarm-authority",
    {
      title: "The swarm's authority is changed from time to time",
      severity: "low",
      why: "Whoever has its key can make certificates for nodes.",
      remediation: "Change it on a plan.",
      cis: ["7.8"],
    },
    ({ rootRotating }) => {
      if (rootRotating === true)
        return [{ state: "pass", evidence: [evidence("change of the authority", "under way")] }];
      return [person("the engine does not say when the authority was changed", "docker swarm ca --rotate")];
    },
  ),
  swarmCheck(
    "swarm-planes",
    {
      title: "Management of the swarm and traffic of services use different networks",
      severity: "low",
      why: "A container that floods the network otherwise cuts managers off from each other.",
      remediation: "Join nodes with --data-path-addr at another address.",
      cis: ["7.9"],
    },
    () => [person("the engine does not say which address traffic of services uses")],
  ),
];

function swarmCheck(
  name: string,
  text: DockerCheckText,
  look: (swarm: SwarmFact) => readonly Observation[],
): Check<DockerFacts> {
  return dockerCheck(name, text, {
    needs: ["info", "swarm"],
    evaluate(facts) {
      const swarm = known(facts.swarm);
      if (swarm) return look(swarm);
      if (known(facts.info).swarm.state === "inactive") return [noSwarm()];
      return [
        { state: "warn", evidence: [], reason: "the engine is no manager, and only managers tell about their swarm" },
      ];
    },
  });
}

function noSwarm(): Look {
  return { state: "not-applicable", evidence: [], reason: "the engine is in no swarm" };
}

function person(reason: string, command?: string): Look {
  return { state: "manual", evidence: [], reason, ...(command !== undefined && { commands: [command] }) };
}
