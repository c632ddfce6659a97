import type { EnginePortFact } from "../../model/checks/engine-facts.ts";
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
      title: { pass: "Container runs no SSH server", fail: "Container runs an SSH server" },
      severity: "medium",
      why: "An SSH server needs its own keys and updates, and allows access that the engine does not record.",
      remediation: "Remove the SSH server from the image; use docker exec to get a shell.",
      cis: ["5.7"],
    },
    {
      look({ programs, state }) {
        if (state === "exited" || state === "created" || state === "dead") {
          return { state: "not-applicable", evidence: [], reason: `the container is not running (${state})` };
        }
        if ("unavailable" in programs) return { state: "warn", evidence: [], reason: programs.unavailable };
        const found = programs.value.filter((name) => shells.has(name));
        return judged(found.length === 0, "running programs", programs.value.join(" "), "no SSH server");
      },
    },
  ),
  containerCheck(
    "container-privileged-ports",
    {
      title: {
        pass: "Container publishes no host port below 1024",
        fail: "Container publishes a host port below 1024",
      },
      severity: "low",
      why: "Ports below 1024 are reserved for services of the host, and clients trust them.",
      remediation: "Publish port 1024 or above, behind a proxy if needed.",
      cis: ["5.8"],
    },
    {
      look: ({ ports }) =>
        lookAtPorts(ports, ({ port }) => port !== undefined && port < firstFreePort, {
          expected: "host ports of 1024 or above",
        }),
    },
  ),
  containerCheck(
    "container-open-ports",
    {
      title: {
        pass: "Container publishes only ports that it needs",
        fail: "Container publishes ports that it does not need",
      },
      severity: "medium",
      why: "Each published port can be attacked.",
      remediation: "Remove other ports from --publish, and do not use --publish-all.",
      cis: ["5.9"],
    },
    {
      look({ ports }) {
        if (ports.length === 0) return { state: "pass", evidence: [evidence("published ports", "none")] };
        const reason = "review whether these ports are needed";
        return { state: "manual", evidence: [evidence("published ports", ports.map(portText).join(", "))], reason };
      },
    },
  ),
  containerCheck(
    "container-bind-address",
    {
      title: {
        pass: "Published ports listen on a specific host address",
        fail: "Published port listens on all host addresses",
      },
      severity: "medium",
      why: "A port on all addresses can be reached from every network of the host.",
      remediation: "Specify the host address: --publish 10.0.0.5:8080:80.",
      cis: ["5.14"],
    },
    {
      look: ({ ports }) =>
        lookAtPorts(ports, ({ address }) => ["", "0.0.0.0", "::"].includes(address), {
          expected: "a specific host address",
        }),
    },
  ),
  containerCheck(
    "container-default-bridge",
    {
      title: {
        pass: "Container does not use the default bridge network",
        fail: "Container uses the default bridge network",
      },
      severity: "low",
      why: "All containers on the default bridge share one network by default.",
      remediation: "Create a network for containers that belong together, and run them with --network NAME.",
      cis: ["5.30"],
    },
    {
      look({ networks, networkMode }) {
        const onBridge = networks.includes("bridge") || networkMode === "default" || networkMode === "bridge";
        return judged(!onBridge, "networks", networks.join(" ") || (networkMode ?? "none"), "a user-defined network");
      },
    },
  ),
  containerCheck(
    "container-exec-privileged",
    {
      title: {
        pass: "docker exec ran without --privileged",
        fail: "docker exec ran with --privileged",
      },
      severity: "high",
      why: "docker exec --privileged grants the command every capability, regardless of the container's settings.",
      remediation: "Use docker exec without --privileged.",
      cis: ["5.23"],
    },
    {
      look({ execs }) {
        if ("unavailable" in execs) return { state: "warn", evidence: [], reason: execs.unavailable };
        const privileged = execs.value.filter((exec) => exec.privileged);
        if (privileged.length > 0)
          return judged(false, "running commands with --privileged", privileged.length, "none");
        return onlyNow(execs.value.length);
      },
    },
  ),
  containerCheck(
    "container-exec-root",
    {
      title: {
        pass: "docker exec ran as a user other than root",
        fail: "docker exec ran as root",
      },
      severity: "medium",
      why: "docker exec --user root overrides the user of the image.",
      remediation: "Use docker exec without --user root.",
      cis: ["5.24"],
    },
    {
      look({ execs }) {
        if ("unavailable" in execs) return { state: "warn", evidence: [], reason: execs.unavailable };
        const root = execs.value.filter(({ user }) => /^(?:root|0+)(?::|$)/.test(user));
        if (root.length > 0) return judged(false, "running commands as root", root.length, "none");
        return onlyNow(execs.value.length);
      },
    },
  ),
  containerCheck(
    "container-image-current",
    {
      title: {
        pass: "Container runs a pinned or reviewed image version",
        fail: "Container runs an unreviewed image version",
      },
      severity: "low",
      why: "A tag such as latest does not show which version runs, or whether the version has the newest fixes.",
      remediation: "Run the container from an image with a digest, and update the digest deliberately.",
      cis: ["5.28"],
    },
    {
      look({ image }) {
        if (/@sha256:[0-9a-f]{64}$/.test(image)) return { state: "pass", evidence: [evidence("image", image)] };
        const seen = [evidence("image", image, "a digest")];
        return {
          state: "manual",
          evidence: seen,
          reason: "the engine does not report whether this is the newest version",
        };
      },
    },
  ),
];

/** The engine forgets a command when it ends. */
function onlyNow(count: number): Look {
  return {
    state: "manual",
    evidence: [evidence("running docker exec commands", `${count}, none of them with this option`)],
    reason: "the engine lists only running commands; review earlier commands in the audit log",
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
  return `${address || "all addresses"}:${port ?? "any"} -> ${container}`;
}
