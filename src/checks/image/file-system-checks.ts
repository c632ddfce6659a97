import type { CheckDescription } from "../check.ts";
import { shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { cisDocker, cwe } from "../mappings.ts";
import { fileCheck, type ImageCheck, type ImageFinding, observations } from "./image-check.ts";
import type { ImageAccounts } from "./image-facts.ts";

const setId: ImageCheck = fileCheck(
  {
    id: "image/set-user-id",
    title: "No file has the set-uid or set-gid bit",
    severity: "low",
    why: "A flaw in such a program makes every user of the container root in it.",
    remediation: "Take the bits away in the Dockerfile (chmod a-s), or run with no-new-privileges.",
    mappings: [cisDocker("4.8"), cwe("250")],
  },
  { kind: "setId", fix: (path) => `RUN chmod a-s ${path}` },
);

const worldWritable: ImageCheck = fileCheck(
  {
    id: "image/world-writable",
    title: "No file is writable for everyone",
    severity: "medium",
    why: "Any process in the container can replace it, also one that has been taken over.",
    remediation: "Give the files to the user that needs them: COPY --chown, or chmod o-w.",
    mappings: [cwe("732")],
  },
  { kind: "worldWritable", fix: (path) => `RUN chmod o-w ${path}` },
);

const secrets: ImageCheck = fileCheck(
  {
    id: "image/secret-file",
    title: "No file by its name holds credentials",
    severity: "high",
    why: "Everyone who can pull the image can read it, also when a later layer deletes it.",
    remediation: "Renew what is in it, and build again without it; give it to the container when it starts.",
    mappings: [cisDocker("4.10"), cwe("312")],
  },
  { kind: "secrets" },
);

const leftOver: ImageCheck = fileCheck(
  {
    id: "image/left-over-file",
    title: "Nothing is left over from the build",
    severity: "low",
    why: "Repositories, histories and caches tell about the build, and nothing in a container reads them.",
    remediation: "List them in .dockerignore, or delete them in the step that makes them.",
    mappings: [cwe("459")],
  },
  { kind: "leftOver" },
);

const password: ImageCheck = accountCheck(
  {
    id: "image/empty-password",
    title: "Every account has a password or is locked",
    severity: "high",
    why: "Anyone in the container can become such an account.",
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
    title: "No two accounts or groups share an id or a name",
    severity: "medium",
    why: "The kernel knows ids only: such accounts have each other's rights.",
    remediation: "Give each its own id.",
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
    title: "Only root has the user id 0",
    severity: "high",
    why: "An account with the user id 0 is root under another name.",
    remediation: "Give the account another id, or remove it.",
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
