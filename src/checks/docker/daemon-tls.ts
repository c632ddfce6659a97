import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { daemonHosts, daemonOption } from "./daemon-options.ts";
import type { Look } from "./docker-check.ts";
import { type DockerFacts, unitOf } from "./docker-facts.ts";

/**
 * Whether dockerd asks for a client certificate at every address on the network, those that systemd opens for it among
 * them.
 */
export function lookAtTls(facts: DockerFacts): Look {
  const daemon = known(facts.daemon);
  const units = unitOf(facts, "docker.socket")?.settings["Socket.ListenStream"] ?? [];
  const hosts = daemonHosts(daemon);
  const activated = hosts.some((host) => host.startsWith("fd://"))
    ? units.filter((stream) => !stream.startsWith("/") && !stream.startsWith("@")).map((stream) => `tcp://${stream}`)
    : [];
  const open = [...hosts, ...activated].filter((host) => host.startsWith("tcp://"));
  const listening = evidence("dockerd addresses", [...hosts, ...activated].join(" "));
  if (open.length === 0) return { state: "pass", evidence: [listening] };
  const settings = ["tlsverify", "tlscacert", "tlscert", "tlskey"].map(
    (name) => [name, daemonOption(daemon, name)] as const,
  );
  const unread = settings.map(([, setting]) => setting).find((setting) => "unavailable" in setting);
  if (unread) return { state: "warn", evidence: [listening], reason: unread.unavailable };
  const seen = settings.map(([name, setting]) => {
    const value = "value" in setting ? setting.value?.values.at(-1) : undefined;
    return evidence(name, value ?? "not set", name === "tlsverify" ? "true" : undefined);
  });
  // With it, dockerd refuses to start without the three files, named or in its own folder.
  const verifies = seen[0]?.value === "true";
  return { state: verifies ? "pass" : "fail", evidence: [listening, ...seen] };
}
