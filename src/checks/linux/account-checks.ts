import type { HostFacts, UserFact } from "../../model/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence, shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { known } from "../known.ts";
import { type AllowedAccess, accessObservation } from "./file-access.ts";
import { type HostControls, hostCheck } from "./host-check.ts";

const shadow: AllowedAccess = { mode: 0o640, uid: 0, groups: [0, "shadow"] };
const open: AllowedAccess = { mode: 0o644, uid: 0, groups: [0] };
const closed: AllowedAccess = { mode: 0o600, uid: 0, groups: [0] };
const same = (id: string): HostControls => ({ ubuntu: [id], redHat: [id] });

const guarded: readonly { readonly path: string; readonly allowed: AllowedAccess; readonly cis?: HostControls }[] = [
  { path: "/etc/passwd", allowed: open, cis: same("7.1.1") },
  { path: "/etc/passwd-", allowed: open, cis: same("7.1.2") },
  { path: "/etc/group", allowed: open, cis: same("7.1.3") },
  { path: "/etc/group-", allowed: open, cis: same("7.1.4") },
  { path: "/etc/shadow", allowed: shadow, cis: same("7.1.5") },
  { path: "/etc/shadow-", allowed: shadow, cis: same("7.1.6") },
  { path: "/etc/gshadow", allowed: shadow, cis: same("7.1.7") },
  { path: "/etc/gshadow-", allowed: shadow, cis: same("7.1.8") },
  { path: "/etc/shells", allowed: open, cis: same("7.1.9") },
  { path: "/etc/security/opasswd", allowed: closed, cis: same("7.1.10") },
  { path: "/etc/ssh/sshd_config", allowed: closed, cis: same("5.1.1") },
  { path: "/etc/subuid", allowed: open },
  { path: "/etc/subgid", allowed: open },
  { path: "/root", allowed: { mode: 0o750, uid: 0, groups: [0] } },
];

/** Who has an account on the host, and who may change accounts. */
export const accountChecks: readonly Check<HostFacts>[] = [
  ...guarded.map(({ path, allowed, cis }) =>
    hostCheck(
      `access-${path
        .replace(/^\/(?:etc\/)?(?:\w+\/)*/, "")
        .replace(/-$/, "-backup")
        .replaceAll("_", "-")}`,
      {
        title: `${path} belongs to root and is no more open than mode ${allowed.mode?.toString(8)}`,
        severity: "high",
        why: "Whoever may change accounts, or read hashes of passwords, can become another user.",
        remediation: "Give the file to its rightful owner, and take away the surplus permissions.",
        ...(cis && { cis }),
      },
      { needs: ["files"], evaluate: (facts) => [accessObservation(known(facts.files), path, allowed)] },
    ),
  ),
  hostCheck(
    "access-host-keys",
    {
      title: "Private keys of the ssh server belong to root alone",
      severity: "high",
      why: "Whoever has them can pretend to be this host.",
      remediation: "Set their mode to 600.",
      cis: same("5.1.2"),
    },
    {
      needs: ["files"],
      evaluate(facts) {
        const files = known(facts.files);
        const keys = Object.keys(files).filter((path) => /^\/etc\/ssh\/ssh_host_\w+_key$/.test(path));
        return keys.map((path) =>
          accessObservation(files, path, { mode: 0o640, uid: 0, groups: [0, "ssh_keys", "_ssh"] }),
        );
      },
    },
  ),
  userCheck(
    "only-root-is-zero",
    {
      title: "Only root has the id 0",
      why: "Every account with this id is root.",
      remediation: "Give the account another id.",
      severity: "critical",
    },
    { find: (users) => users.filter(({ uid, name }) => uid === 0 && name !== "root") },
  ),
  userCheck(
    "no-empty-passwords",
    {
      title: "Every account that has a password has one that is not empty",
      why: "Anybody can log in as such a user.",
      remediation: "Lock the account, or set a password.",
      severity: "critical",
      cis: { ubuntu: ["7.2.2"], redHat: ["7.2.2"] },
    },
    {
      find: (users) => users.filter(({ password }) => password === "empty"),
      // Who locks root out may lock everybody out: that is for a person.
      fix: ({ name, uid }) =>
        uid === 0 ? hint("set a password for root with passwd") : `passwd -l -- ${shellWord(name)}`,
    },
  ),
  userCheck(
    "passwords-in-shadow",
    {
      title: "Hashes of passwords are in shadow only",
      why: "Everybody may read passwd.",
      remediation: "Move them with pwconv.",
      severity: "high",
      cis: { ubuntu: ["7.2.1"], redHat: ["7.2.1"] },
    },
    { find: (users) => users.filter(({ password }) => password === "in-passwd"), fix: () => "pwconv" },
  ),
  userCheck(
    "unique-user-ids",
    {
      title: "No two accounts have the same id",
      why: "They share their files and processes, and no log tells them apart.",
      remediation: "Give one of them another id.",
      severity: "medium",
      cis: { ubuntu: ["7.2.5"], redHat: ["7.2.4"] },
    },
    { find: (users) => repeated(users, ({ uid }) => String(uid)) },
  ),
  userCheck(
    "unique-user-names",
    {
      title: "No two accounts have the same name",
      why: "Which of them counts differs from program to program.",
      remediation: "Rename one of them.",
      severity: "medium",
      cis: { ubuntu: ["7.2.7"], redHat: ["7.2.6"] },
    },
    { find: (users) => repeated(users, ({ name }) => name) },
  ),
  hostCheck(
    "subordinate-ids",
    {
      title: "Ranges of ids for user namespaces belong to one user each, and to no account",
      severity: "high",
      why: "Containers of two users that share ids can read each other's files; a range over real accounts gives their files away.",
      remediation: "Change the ranges in /etc/subuid so that they neither overlap nor hold an account's id.",
    },
    {
      needs: ["userNamespaces", "users"],
      evaluate(facts): Observation[] {
        const ranges = known(facts.userNamespaces).subordinateUsers;
        if (ranges.length === 0)
          return [{ state: "not-applicable", evidence: [], reason: "/etc/subuid gives no ranges" }];
        const ids = known(facts.users).map(({ uid, name }) => ({ uid, name }));
        const sorted = [...ranges].sort((a, b) => a.start - b.start);
        const bad = sorted.flatMap(({ user, start, count }, index) => {
          const before = sorted.slice(0, index).find((one) => one.user !== user && one.start + one.count > start);
          const account = ids.find(({ uid }) => uid >= start && uid < start + count);
          return [
            ...(before ? [evidence(`range of ${user}`, `${start}:${count}`, `none of ${before.user}'s ids`)] : []),
            ...(account
              ? [evidence(`range of ${user}`, `${start}:${count}`, `not ${account.name}'s id ${account.uid}`)]
              : []),
          ];
        });
        if (bad.length > 0) return [{ state: "fail", evidence: bad }];
        return [
          {
            state: "pass",
            evidence: sorted.map(({ user, start, count }) => evidence(`range of ${user}`, `${start}:${count}`)),
          },
        ];
      },
    },
  ),
];

function userCheck(
  name: string,
  text: Parameters<typeof hostCheck>[1],
  { find, fix }: { find: (users: readonly UserFact[]) => readonly UserFact[]; fix?: (user: UserFact) => string },
): Check<HostFacts> {
  return hostCheck(name, text, {
    needs: ["users"],
    evaluate(facts) {
      const users = known(facts.users);
      const found = find(users);
      const unread =
        name === "no-empty-passwords" && users.length > 0 && users.every(({ password }) => password === undefined);
      if (unread) return [{ state: "warn", evidence: [], reason: "/etc/shadow could not be read" }];
      if (found.length === 0)
        return [{ state: "pass", evidence: [evidence("accounts", `${users.length}, none of them so`)] }];
      const seen = found.map((user) => evidence(`account ${user.name}`, `id ${user.uid}`));
      return [{ state: "fail", evidence: seen, ...(fix && { commands: [...new Set(found.map(fix))] }) }];
    },
  });
}

function repeated(users: readonly UserFact[], keyOf: (user: UserFact) => string): UserFact[] {
  const groups = Map.groupBy(users, keyOf);
  return users.filter((user) => (groups.get(keyOf(user))?.length ?? 0) > 1);
}
