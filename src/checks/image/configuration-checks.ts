import { windowsAdministrator } from "../../model/images/default-user.ts";
import { credentialKinds, namesSecret, secretShape } from "../dockerfile/credentials.ts";
import { isSystemFolder } from "../dockerfile/path-checks.ts";
import { disablesTls } from "../dockerfile/shell/weakened-checks.ts";
import { splitArgument } from "../dockerfile/syntax/build-stages.ts";
import { isRoot } from "../dockerfile/user-checks.ts";
import { cisDocker, cwe } from "../mappings.ts";
import { historyVariables } from "./history-variables.ts";
import { configurationCheck, type ImageCheck, type ImageFinding, observations, stepSubject } from "./image-check.ts";

const user: ImageCheck = configurationCheck(
  {
    id: "image/root-user",
    title: { pass: "Image does not run as root", fail: "Image runs as root" },
    severity: "high",
    why: "A process that escapes a container as root is root on the host. A mount, a capability or a kernel vulnerability is enough.",
    remediation: "Set USER in the final stage of the Dockerfile, or set a user when the container starts.",
    mappings: [cisDocker("4.1"), cwe("250")],
  },
  function* ({ user: name, isWindows }) {
    if (isWindows) {
      if (!isAdministrator(name)) return;
      yield { evidence: [{ subject: "User", value: name || windowsAdministrator, expected: "ContainerUser" }] };
    } else if (isRoot(name)) {
      yield {
        evidence: [{ subject: "User", ...(name === "" ? {} : { value: name }), expected: "a user other than root" }],
      };
    }
  },
);

/** Whether a user of Windows, `NAME` or `DOMAIN\\NAME`, is the administrator of the container. */
function isAdministrator(user: string): boolean {
  const name = user.slice(user.lastIndexOf("\\") + 1);
  return name === "" || name.toLowerCase() === windowsAdministrator.toLowerCase();
}

const numeric: ImageCheck = configurationCheck(
  {
    id: "image/numeric-user",
    title: { pass: "Image sets its user as a number", fail: "Image sets its user by name" },
    severity: "negligible",
    why: "With runAsNonRoot, Kubernetes refuses to start a container whose user is a name, because a name can map to user ID 0.",
    remediation: "Use the user ID: USER 10001.",
    mappings: [],
  },
  function* ({ user: name, isWindows }) {
    if (!isWindows && !isRoot(name) && !/^\d+(?::|$)/.test(name))
      yield { evidence: [{ subject: "User", value: name, expected: "a number" }] };
  },
);

const health: ImageCheck = configurationCheck(
  {
    id: "image/healthcheck",
    title: { pass: "Image has a HEALTHCHECK", fail: "Image has no HEALTHCHECK" },
    severity: "low",
    why: "Without a health check, the engine does not notice when the program hangs. Kubernetes ignores HEALTHCHECK and uses probes.",
    remediation: "Add HEALTHCHECK to the Dockerfile.",
    mappings: [cisDocker("4.6")],
  },
  function* ({ healthCheck }) {
    if (healthCheck === undefined || healthCheck[0] === "NONE")
      yield {
        evidence: [
          { subject: "Healthcheck", ...(healthCheck === undefined ? {} : { value: "NONE" }), expected: "CMD" },
        ],
      };
  },
);

const secretVariable: ImageCheck = configurationCheck(
  {
    id: "image/secret-variable",
    title: {
      pass: "Environment and history of the image contain no secret",
      fail: "Environment or history of the image contains a secret",
    },
    severity: "high",
    why: "Everyone who can pull the image can read its configuration and history.",
    remediation: "Rotate the secret, and pass it with RUN --mount=type=secret or when the container starts.",
    mappings: [cisDocker("4.10"), cwe("798")],
  },
  function* ({ environment, steps }) {
    const reported = new Set<string>();
    for (const variable of environment) {
      const { name, value = "" } = splitArgument(variable);
      if (!namesSecret(name) || value === "") continue;
      reported.add(name);
      yield { evidence: [{ subject: `Env ${name}`, value: secretShape(value) }] };
    }
    for (const step of steps) {
      for (const { name, value } of historyVariables(step)) {
        if (!namesSecret(name) || value.trim() === "" || reported.has(name)) continue;
        yield { evidence: [{ subject: `${stepSubject(step)} ${name}`, value: secretShape(value) }] };
      }
    }
  },
);

const secretValue: ImageCheck = configurationCheck(
  {
    id: "image/secret-value",
    title: {
      pass: "Configuration and history of the image contain no credential",
      fail: "Configuration or history of the image contains a credential",
    },
    severity: "critical",
    why: "The text has the format of a real token or key. Everyone who can pull the image can read it.",
    remediation: "Revoke the credential, then rebuild the image without it.",
    mappings: [cisDocker("4.10"), cwe("798")],
  },
  function* ({ environment, labels, entrypoint, command, steps }) {
    for (const variable of environment) yield* credentialsIn(`Env ${splitArgument(variable).name}`, variable);
    for (const [name, value] of Object.entries(labels)) yield* credentialsIn(`Label ${name}`, value);
    yield* credentialsIn("Entrypoint", entrypoint.join(" "));
    yield* credentialsIn("Cmd", command.join(" "));
    for (const step of steps) {
      const values = step.buildArguments.map(({ value }) => value);
      yield* credentialsIn(stepSubject(step), [step.text, ...values].join("\n"));
    }
  },
);

const tls: ImageCheck = configurationCheck(
  {
    id: "image/tls-variable",
    title: {
      pass: "Environment keeps TLS certificate verification enabled",
      fail: "Environment variable disables TLS certificate verification",
    },
    severity: "high",
    why: "The setting applies to every program in the container that supports the variable.",
    remediation: "Remove the variable, and add the missing CA certificate to the image.",
    mappings: [cwe("295")],
  },
  function* ({ environment }) {
    for (const variable of environment) {
      const { name, value = "" } = splitArgument(variable);
      if (disablesTls({ name, value })) yield { evidence: [{ subject: `Env ${name}` }] };
    }
  },
);

const sshPort: ImageCheck = configurationCheck(
  {
    id: "image/ssh-port",
    title: { pass: "SSH port is not exposed", fail: "SSH port is exposed" },
    severity: "medium",
    why: "An SSH server in a container is an additional entry point with its own keys and accounts.",
    remediation: "Remove the SSH server, and use docker exec or kubectl exec.",
    mappings: [cisDocker("5.7"), cwe("1188")],
  },
  function* ({ exposedPorts }) {
    const port = exposedPorts.find((exposed) => exposed === "22" || exposed === "22/tcp");
    if (port !== undefined) yield { evidence: [{ subject: "ExposedPorts", value: port }] };
  },
);

const volume: ImageCheck = configurationCheck(
  {
    id: "image/system-volume",
    title: {
      pass: "Volumes are not on system directories or the engine socket",
      fail: "Volume is on a system directory or the engine socket",
    },
    severity: "high",
    why: "A volume there hides system files, or gives the container control of the engine.",
    remediation: "Declare volumes only for the data of the application.",
    mappings: [cwe("732")],
  },
  function* ({ volumes }) {
    const wrong = volumes.filter(
      (path) => isSystemFolder(path) || /\/(?:docker|podman|containerd|crio)\.sock$/.test(path),
    );
    for (const path of wrong) yield { evidence: [{ subject: "Volumes", value: path }] };
  },
);

const tag: ImageCheck = {
  id: "image/tag",
  title: { pass: "Image has a version tag", fail: "Image has no version tag" },
  severity: "low",
  why: "The tag latest does not show later which image was used.",
  remediation: "Tag the image with its version.",
  mappings: [cwe("1357")],
  needs: [],
  *evaluate({ tags }) {
    if (tags.length === 0) return;
    const latest = tags.filter((name) => name.endsWith(":latest"));
    yield* observations(
      latest.length < tags.length ? [] : [{ evidence: latest.map((value) => ({ subject: "tag", value })) }],
    );
  },
};

/** Checks of an image's configuration. */
export const configurationChecks: readonly ImageCheck[] = [
  user,
  numeric,
  health,
  secretVariable,
  secretValue,
  tls,
  sshPort,
  volume,
  tag,
];

function* credentialsIn(subject: string, text: string): Iterable<ImageFinding> {
  for (const kind of credentialKinds(text)) yield { evidence: [{ subject, value: `${kind}, not shown` }] };
}
