import { cisDocker, cwe } from "../mappings.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { ancestry } from "./read-dockerfile.ts";
import type { Stage } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

const ssh: DockerfileCheck = portCheck(
  {
    id: "dockerfile/ssh-port",
    title: { pass: "SSH port is not exposed", fail: "SSH port is exposed" },
    severity: "medium",
    why: "An SSH server in a container is an additional entry point with its own keys and accounts.",
    remediation: "Remove the SSH server, and use docker exec or kubectl exec.",
    mappings: [cisDocker("5.7"), cwe("1188")],
  },
  ({ first, last }) => first <= 22 && last >= 22,
);

const range: DockerfileCheck = portCheck(
  {
    id: "dockerfile/port-range",
    title: { pass: "Exposed ports are between 0 and 65535", fail: "Exposed port is not between 0 and 65535" },
    severity: "high",
    why: "The port does not exist: the build fails, or nothing is exposed.",
    remediation: "Correct the port number.",
    mappings: [],
  },
  ({ first, last }) => last > 65_535 || last < first,
);

const protocolCase: DockerfileCheck = portCheck(
  {
    id: "dockerfile/port-protocol-case",
    title: {
      pass: "Protocols of exposed ports are in lower case",
      fail: "Protocol of an exposed port is not in lower case",
    },
    severity: "negligible",
    why: "Some tools compare protocol names case-sensitively.",
    remediation: "Use tcp, udp or sctp.",
    mappings: [buildKit("ExposeProtoCasing")],
  },
  ({ protocol }) => protocol !== protocol.toLowerCase(),
  "ExposeProtoCasing",
);

const format: DockerfileCheck = portCheck(
  {
    id: "dockerfile/port-format",
    title: { pass: "EXPOSE contains only container ports", fail: "EXPOSE contains an address or a host port" },
    severity: "low",
    why: "EXPOSE ignores host addresses and host ports, and will reject them in a future version.",
    remediation: "Use only the container port, and publish it when the container starts.",
    mappings: [buildKit("ExposeInvalidFormat")],
  },
  ({ hasHost }) => hasHost,
  "ExposeInvalidFormat",
);

const health: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/healthcheck",
    title: { pass: "Image has a HEALTHCHECK", fail: "Image has no HEALTHCHECK" },
    severity: "low",
    why: "Without a health check, the engine does not notice when the program hangs. Kubernetes ignores HEALTHCHECK and uses probes.",
    remediation: 'Add HEALTHCHECK CMD ["…"] to the final stage.',
    mappings: [cisDocker("4.6")],
  },
  {
    applies: ({ images }) => images.length > 0,
    *find({ images }) {
      for (const stage of images) {
        const check = ancestry(stage)
          .flatMap(({ steps }) => steps.filter(({ deferred }) => !deferred).toReversed())
          .find(({ instruction }) => instruction.keyword === "HEALTHCHECK");
        if (check !== undefined && check.values[0]?.toUpperCase() !== "NONE") continue;
        const evidence = [
          {
            subject: "HEALTHCHECK",
            ...(check === undefined ? {} : { value: "NONE" }),
            expected: "CMD …",
          },
        ];
        yield {
          instruction: check?.instruction ?? stage.from,
          stage,
          evidence,
        };
      }
    },
  },
);

/** Checks of `EXPOSE` and `HEALTHCHECK`. */
export const portChecks: readonly DockerfileCheck[] = [ssh, range, protocolCase, format, health];

interface Port {
  readonly written: string;
  readonly first: number;
  readonly last: number;
  readonly protocol: string;
  /** True with an address or a port of the host. */
  readonly hasHost: boolean;
}

function portCheck(
  about: Parameters<typeof dockerfileCheck>[0],
  isWrong: (port: Port) => boolean,
  rule?: string,
): DockerfileCheck {
  return dockerfileCheck(about, {
    ...(rule === undefined ? {} : { rule }),
    applies: ({ stages }) => stages.some((stage) => portsOf(stage).length > 0),
    find: ({ stages }) =>
      stages.flatMap((stage) =>
        portsOf(stage)
          .filter(({ port }) => isWrong(port))
          .map(
            ({ instruction, port: { written } }): DockerfileFinding => ({
              instruction,
              stage,
              evidence: [{ subject: "EXPOSE", value: written }],
            }),
          ),
      ),
  });
}

function portsOf({ steps }: Stage): { instruction: Instruction; port: Port }[] {
  return steps.flatMap(({ instruction, values }) => {
    if (instruction.keyword !== "EXPOSE") return [];
    return values.flatMap((value) => {
      const port = readPort(value);
      return port === undefined ? [] : [{ instruction, port }];
    });
  });
}

/** `[address:][host port:]port[-port][/protocol]`; `undefined` where a variable leaves it open. */
function readPort(written: string): Port | undefined {
  const inner = written.slice(written.lastIndexOf(":") + 1);
  const [, first, last, protocol = "tcp"] = /^(\d{1,9})(?:-(\d{1,9}))?(?:\/([A-Za-z]{1,10}))?$/.exec(inner) ?? [];
  if (first === undefined) return undefined;
  return {
    written,
    first: Number(first),
    last: Number(last ?? first),
    protocol,
    hasHost: inner.length < written.length,
  };
}
