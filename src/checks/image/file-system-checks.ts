import type { CheckDescription } from "../check.ts";
import { shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { cisDocker, cwe } from "../mappings.ts";
import { fileCheck, type ImageCheck, type ImageFinding, observations } from "./image-check.ts";
import type { ImageAccounts } from "./image-facts.ts";

const setId: ImageCheck = fileCheck(
  {
    id: "image/set-user-id",
    title: { pass: "Image contains no setuid or setgid file", fail: "Image contains a setuid or setgid file" },
    severity: "low",
    why: "A vulnerability in such a program makes every user of the container root.",
    remediation: "Remove the bits in the Dockerfile (chmod a-s), or run with no-new-privileges.",
    mappings: [cisDocker("4.8"), cwe("250")],
  },
  { kind: "setId", fix: (path) => `RUN chmod a-s ${path}` },
);

const worldWritable: ImageCheck = fileCheck(
  {
    id: "image/world-writable",
    title: { pass: "Image contains no world-writable file", fail: "Image contains a world-writable file" },
    severity: "medium",
    why: "Every process in the container, including a compromised one, can replace the file.",
    remediation: "Make the user that needs the file its owner (COPY --chown), or use chmod o-w.",
    mappings: [cwe("732")],
  },
  { kind: "worldWritable", fix: (path) => `RUN chmod o-w ${path}` },
);

const secrets: ImageCheck = fileCheck(
  {
    id: "image/secret-file",
    title: { pass: "Image contains no credential file", fail: "Image contains a credential file" },
    severity: "high",
    why: "Everyone who can pull the image can read the file, even if a later layer deletes it.",
    remediation: "Rotate the credentials, rebuild the image without the file, and pass it when the container starts.",
    mappings: [cisDocker("4.10"), cwe("312")],
  },
  { kind: "secrets" },
);

const leftOver: ImageCheck = fileCheck(
  {
    id: "image/left-over-file",
    title: { pass: "Image contains no build leftovers", fail: "Image contains build leftovers" },
    severity: "low",
    why: "Repositories, histories and caches reveal details of the build, and no program in the container uses them.",
    remediation: "Exclude these files with .dockerignore, or delete them in the step that creates them.",
    mappings: [cwe("459")],
  },
  { kind: "leftOver" },
);

const password: ImageCheck = accountCheck(
  {
    id: "image/empty-password",
    title: { pass: "Every account has a password or is locked", fail: "Account has an empty password" },
    severity: "high",
    why: "Every process in the container can switch to the account.",
    remediation: "Lock the account: passwd -l NAME.",
    mappings: [cwe("258")],
  },
  function* ({ withoutPassword }) {
    for (const name of withoutPassword)
      yield {
        evidence: [{ subject: `account ${name}`, expected: "a locked password" }],
        commands: [hint(`in the Dockerfile: RUN passwd -l ${shellWord(name)}`)],
      };
  },
);

const shared: ImageCheck = accountCheck(
  {
    id: "image/shared-account-id",
    title: { pass: "Account and group IDs and names are unique", fail: "Two accounts or groups share an ID or a name" },
    severity: "medium",
    why: "The kernel uses IDs only, so the accounts have each other's permissions.",
    remediation: "Assign a different ID or name to each.",
    mappings: [cwe("286")],
  },
  function* ({ sharedUserIds, sharedGroupIds, doubledNames }) {
    for (const { id, names } of sharedUserIds)
      yield { evidence: [{ subject: `user id ${id}`, value: names.join(" ") }] };
    for (const { id, names } of sharedGroupIds)
      yield { evidence: [{ subject: `group id ${id}`, value: names.join(" ") }] };
    for (const name of doubledNames) yield { evidence: [{ subject: "name", value: name }] };
  },
);

const otherRoot: ImageCheck = accountCheck(
  {
    id: "image/other-root",
    title: { pass: "Only root has user ID 0", fail: "Account other than root has user ID 0" },
    severity: "high",
    why: "An account with user ID 0 is root under another name.",
    remediation: "Change the ID of the account, or remove it.",
    mappings: [cwe("250")],
  },
  function* ({ otherRoots }) {
    for (const name of otherRoots) yield { evidence: [{ subject: `account ${name}`, value: "0" }] };
  },
);

/** Checks of an image's files and accounts. */
export const fileSystemChecks: readonly ImageCheck[] = [
  setId,
  worldWritable,
  secrets,
  leftOver,
  password,
  shared,
  otherRoot,
];

function accountCheck(
  description: CheckDescription,
  find: (accounts: ImageAccounts) => Iterable<ImageFinding>,
): ImageCheck {
  return {
    ...description,
    needs: ["accounts"],
    *evaluate({ accounts }) {
      if ("value" in accounts) yield* observations(find(accounts.value));
    },
  };
}
