import type { SwarmFact } from "../../model/checks/engine-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { type DockerCheckText, dockerCheck, judged, type Look, untold } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const mostManagers = 7;
const swarmPorts: ReadonlySet<number> = new Set([2377, 7946]);
const nanosecondsPerDay = 86_400e9;
const usualCertificateDays = 90;

/** Settings of a swarm, as a manager reports them. */
export const swarmChecks: readonly Check<DockerFacts>[] = [
  swarmCheck(
    "swarm-managers",
    {
      title: {
        pass: "Swarm has an odd number of at most seven managers",
        fail: "Swarm has an even number of managers, or more than seven",
      },
      severity: "low",
      why: "Every manager stores all secrets of the swarm, and an even number does not tolerate more failures.",
      remediation: "Run 1, 3, 5 or 7 managers.",
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
      title: { pass: "Swarm listens on a specific host address", fail: "Swarm listens on all host addresses" },
      severity: "medium",
      why: "The swarm ports can be reached from every network of the host.",
      remediation: "Initialise the swarm again with --listen-addr ADDRESS:2377.",
      cis: ["7.2"],
    },
    {
      needs: ["info", "listeners"],
      evaluate(facts) {
        if (known(facts.info).swarm.state !== "active") return [noSwarm()];
        const open = known(facts.listeners).filter(({ port }) => swarmPorts.has(port));
        if (open.length === 0) {
          return [{ state: "warn", evidence: [], reason: "no listener was found on the usual swarm ports" }];
        }
        const wide = open.filter(({ address }) => address === "0.0.0.0" || address === "::");
        const shown = open.map(({ address, port }) => `${address}:${port}`).join(" ");
        return [judged(wide.length === 0, "swarm listeners", shown, "a specific host address")];
      },
    },
  ),
  dockerCheck(
    "swarm-overlay-encryption",
    {
      title: { pass: "Overlay network is encrypted", fail: "Overlay network is not encrypted" },
      severity: "medium",
      why: "Traffic between containers on different nodes is sent in plain text.",
      remediation: "Create the network with --opt encrypted.",
      cis: ["7.3"],
    },
    {
      needs: ["networks", "info"],
      evaluate(facts): Observation[] {
        const networks = known(facts.networks).filter(({ driver, scope }) => driver === "overlay" && scope === "swarm");
        if (networks.length === 0)
          return [{ state: "not-applicable", evidence: [], reason: "no overlay network exists" }];
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
      title: {
        pass: "Swarm services have no secrets in environment variables",
        fail: "Swarm service has secrets in environment variables",
      },
      severity: "medium",
      why: "Everyone who can inspect a service can read its environment variables.",
      remediation: "Create swarm secrets, and reference them in the service.",
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
      const seen = [evidence("swarm secrets", secrets), evidence("services", services.length)];
      const reason = "review whether services receive secrets in another way";
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
      title: { pass: "Swarm autolock is enabled", fail: "Swarm autolock is disabled" },
      severity: "medium",
      why: "The encryption keys of the swarm are readable on the disk of each manager.",
      remediation: "Enable autolock, and store the unlock key in a safe place.",
      cis: ["7.5"],
    },
    ({ autoLock }) => {
      if (autoLock === undefined) return [untold("whether autolock is enabled")];
      const seen = judged(autoLock, "autolock", autoLock, "true");
      return [autoLock ? seen : { ...seen, commands: ["docker swarm update --autolock=true"] }];
    },
  ),
  swarmCheck(
    "swarm-unlock-key",
    {
      title: { pass: "Swarm unlock key is rotated regularly", fail: "Swarm unlock key is not rotated regularly" },
      severity: "low",
      why: "A leaked key can unlock managers until it is rotated.",
      remediation: "Rotate the key on a schedule, and when a person who knew it leaves.",
      cis: ["7.6"],
    },
    () => [person("the engine does not report when the key was rotated", "docker swarm unlock-key --rotate")],
  ),
  swarmCheck(
    "swarm-node-certificates",
    {
      title: {
        pass: "Swarm node certificates expire in less than 90 days",
        fail: "Swarm node certificates are valid for 90 days or more",
      },
      severity: "low",
      why: "A stolen node certificate works until it expires.",
      remediation: "Set a shorter certificate expiry than the default of 90 days.",
      cis: ["7.7"],
    },
    ({ certificateExpiry }) => {
      if (certificateExpiry === undefined) return [untold("the certificate expiry")];
      const days = certificateExpiry / nanosecondsPerDay;
      const seen = judged(
        days < usualCertificateDays,
        "certificate lifetime",
        `${Math.round(days * 10) / 10} days`,
        "less than 90 days",
      );
      return [seen.state === "fail" ? { ...seen, commands: ["docker swarm update --cert-expiry 720h"] } : seen];
    },
  ),
  swarmCheck(
    "swarm-authority",
    {
      title: { pass: "Swarm root CA is rotated regularly", fail: "Swarm root CA is not rotated regularly" },
      severity: "low",
      why: "An attacker who has the CA key can issue certificates for nodes.",
      remediation: "Rotate the CA on a schedule.",
      cis: ["7.8"],
    },
    ({ rootRotating }) => {
      if (rootRotating === true) return [{ state: "pass", evidence: [evidence("CA rotation", "in progress")] }];
      return [person("the engine does not report when the CA was rotated", "docker swarm ca --rotate")];
    },
  ),
  swarmCheck(
    "swarm-planes",
    {
      title: {
        pass: "Swarm management and service traffic use separate networks",
        fail: "Swarm management and service traffic share a network",
      },
      severity: "low",
      why: "A container that floods a shared network can cut managers off from each other.",
      remediation: "Join nodes with a separate address for --data-path-addr.",
      cis: ["7.9"],
    },
    () => [person("the engine does not report the data path address")],
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
      return [{ state: "warn", evidence: [], reason: "the engine is not a swarm manager; run the check on a manager" }];
    },
  });
}

function noSwarm(): Look {
  return { state: "not-applicable", evidence: [], reason: "the engine is not part of a swarm" };
}

function person(reason: string, command?: string): Look {
  return { state: "manual", evidence: [], reason, ...(command !== undefined && { commands: [command] }) };
}
