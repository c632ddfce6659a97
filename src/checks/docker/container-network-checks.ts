import type { EnginePortFact } from "../../model/engine-facts.ts";
import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { containerCheck, judged, type Look } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const shells: ReadonlySet<string> = new Set(["sshd", "dropbear", "sshd-session"]);
const firstFreePort = 1024;

/** How a container can be reached, and who goes in. */
export const containerNetworkChecks: readonly Check<DockerFacts>[] = [
  containerCheck(
    "container-ssh",
    {
      title: "No ssh server runs in the container",
      severity: "medium",
      why: "It needs keys and updates of its own, and is a second way in that the engine does not see.",
      remediation: "Take it out of the image; docker exec gives a shell where one is needed.",
      cis: ["5.7"],
    },
    {
      look({ programs, state }) {
        if (state === "exited" || state === "created" || state === "dead") {
          return { state: "not-applicable", evidence: [], reason: `the container does not run (${state})` };
        }
        if ("unavailable" in programs) return { state: "warn", evidence: [], reason: programs.unavailable };
        const found = programs.value.filter((name) => shells.has(name));
        return judged(found.length === 0, "programs in the container", programs.value.join(" "), "no ssh server");
      },
    },
  ),
  containerCheck(
    "container-privileged-ports",
    {
      title: "No port of the host below 1024 is published",
      severity: "low",
      why: "These ports belong to services of the host, and clients trust them.",
      remediation: "Publish a port from 1024 on, and put a proxy in front.",
      cis: ["5.8"],
    },
    {
      look: ({ ports }) =>
        lookAtPorts(ports, ({ port }) => port !== undefined && port < firstFreePort, { expected: "1024 or above" }),
    },
  ),
  containerCheck(
    "container-open-ports",
    {
      title: "Only ports that are needed are published",
      severity: "medium",
      why: "Each one is a way in.",
      remediation: "Take the others out of --publish; never use --publish-all.",
      cis: ["5.9"],
    },
    {
      look({ ports }) {
        if (ports.length === 0) return { state: "pass", evidence: [evidence("published ports", "none")] };
        const reason = "which ports are needed, only a person can tell";
        return { state: "manual", evidence: [evidence("published ports", ports.map(portText).join(", "))], reason };
      },
    },
  ),
  containerCheck(
    "container-bind-address",
    {
      title: "Published ports listen at one address of the host",
      severity: "medium",
      why: "Otherwise they can be reached from every network that the host is on.",
      remediation: "Name the address: --publish 10.0.0.5:8080:80.",
      cis: ["5.14"],
    },
    {
      look: ({ ports }) =>
        lookAtPorts(ports, ({ address }) => ["", "0.0.0.0", "::"].includes(address), {
          expected: "one address of the host",
        }),
    },
  ),
  containerCheck(
    "container-default-bridge",
    {
      title: "The container is on a network of its own",
      severity: "low",
      why: "On the default bridge it shares a network with every container that nobody placed elsewhere.",
      remediation: "Make a network for containers that belong together, and run them with --network NAME.",
      cis: ["5.30"],
    },
    {
      look({ networks, networkMode }) {
        const onBridge = networks.includes("bridge") || networkMode === "default" || networkMode === "bridge";
        return judged(!onBridge, "networks", networks.join(" ") || (networkMode ?? "none"), "not the default bridge");
      },
    },
  ),
  containerCheck(
    "container-exec-privileged",
    {
      title: "No command was started in the container with more privileges",
      severity: "high",
      why: "docker exec --privileged gives the command every capability, whatever the container has.",
      remediation: "Use docker exec without --privileged.",
      cis: ["5.23"],
    },
    {
      look({ execs }) {
        if ("unavailable" in execs) return { state: "warn", evidence: [], reason: execs.unavailable };
        const privileged = execs.value.filter((exec) => exec.privileged);
        if (privileged.length > 0) return judged(false, "commands with --privileged", privileged.length, "none");
        return onlyNow(execs.value.length);
      },
    },
  ),
  containerCheck(
    "container-exec-root",
    {
      title: "No command was started in the container as root",
      severity: "medium",
      why: "docker exec --user root steps over the user that the image names.",
      remediation: "Use docker exec without --user root.",
      cis: ["5.24"],
    },
    {
      look({ execs }) {
        if ("unavailable" in execs) return { state: "warn", evidence: [], reason: execs.unavailable };
        const root = execs.value.filter(({ user }) => /^(?:root|0+)(?::|$)/.test(user));
        if (root.length > 0) return judged(false, "commands as root", root.length, "none");
        return onlyNow(execs.value.length);
      },
    },
  ),
  containerCheck(
    "container-image-current",
    {
      title: "The container runs the version of its image that was meant",
      severity: "low",
      why: "Behind a tag such as latest, nobody knows which version runs, or whether it has the newest fixes.",
      remediation: "Run it from an image by digest, and take new ones on purpose.",
      cis: ["5.28"],
    },
    {
      look({ image }) {
        if (/@sha256:[0-9a-f]{64}$/.test(image)) return { state: "pass", evidence: [evidence("image", image)] };
        const seen = [evidence("image", image, "a digest")];
        return {
          state: "manual",
          evidence: seen,
          reason: "whether this is the newest version, the engine does not know",
        };
      },
    },
  ),
];

/** The engine forgets a command when it ends. */
function onlyNow(count: number): Look {
  return {
    state: "manual",
    evidence: [evidence("commands that run now", `${count}, none of this kind`)],
    reason: "the engine knows only commands that run now; those of the past are in the audit log, if it records docker",
  };
}

function lookAtPorts(
  ports: readonly EnginePortFact[],
  bad: (port: EnginePortFact) => boolean,
  { expected }: { readonly expected: string },
): Look {
  const found = ports.filter(bad);
  const shown = found.length > 0 ? found : ports;
  return judged(found.length === 0, "published ports", shown.map(portText).join(", ") || "none", expected);
}

function portText({ container, address, port }: EnginePortFact): string {
  return `${address || "every address"}:${port ?? "any"} to ${container}`;
}
