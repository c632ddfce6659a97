import { windowsAdministrator } from "../../model/default-user.ts";
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
    title: "The image runs as a user other than root",
    severity: "high",
    why: "Root in a container is root on the host as soon as anything in between gives way: a mount, a capability, a flaw of the kernel.",
    remediation: "Set USER in the Dockerfile's last stage, or a user when the container starts.",
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
    title: "The image names its user by number",
    severity: "negligible",
    why: "Kubernetes can tell that a number is not root; with a name, runAsNonRoot refuses to start the container.",
    remediation: "Write the number of the user: USER 10001.",
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
    title: "The image has a HEALTHCHECK",
    severity: "low",
    why: "Without it the engine takes a program that hangs for one that works. Kubernetes does not use it: there probes do the same.",
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
    title: "No secrets in the environment and in the history",
    severity: "high",
    why: "Everyone who can pull the image can read its configuration and history.",
    remediation:
      "Renew the secret, and give it to the build with RUN --mount=type=secret or to the container when it starts.",
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
    title: "No credentials of a known form in the configuration and history",
    severity: "critical",
    why: "The text has the form of a real token or key, for everyone who can pull the image.",
    remediation: "Revoke it first; then build the image again without it.",
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
    title: "No variable switches off the verification of certificates",
    severity: "high",
    why: "It holds for every program in the container that knows the variable.",
    remediation: "Remove the variable, and add the authority that is missing to the certificates of the image.",
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
    title: "The port of SSH is not exposed",
    severity: "medium",
    why: "An SSH server in a container is one more way in, with keys and accounts that nobody looks after.",
    remediation: "Remove the server, and reach containers through the engine.",
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
    title: "No volume is on a system folder or on the engine's socket",
    severity: "high",
    why: "A volume there hides files of the system, or opens the engine to the container.",
    remediation: "Declare volumes for the data of the application only.",
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
  title: "The image has a tag other than latest",
  severity: "low",
  why: "Nobody can say later which image latest was.",
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
