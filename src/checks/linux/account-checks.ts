import type { HostFacts, UserFact } from "../../model/checks/host-facts.ts";
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

/** Accounts of the host, and access to the files that define them. */
export const accountChecks: readonly Check<HostFacts>[] = [
  ...guarded.map(({ path, allowed, cis }) =>
    hostCheck(
      `access-${path
        .replace(/^\/(?:etc\/)?(?:\w+\/)*/, "")
        .replace(/-$/, "-backup")
        .replaceAll("_", "-")}`,
      {
        title: {
          pass: `${path} is owned by root and has mode ${allowed.mode?.toString(8)} or stricter`,
          fail: `${path} has an unexpected owner or permissions beyond ${allowed.mode?.toString(8)}`,
        },
        severity: "high",
        why: "A user who can change accounts, or read password hashes, can become another user.",
        remediation: "Change the owner with chown, and remove the excess permissions with chmod.",
        ...(cis && { cis }),
      },
      { needs: ["files"], evaluate: (facts) => [accessObservation(known(facts.files), path, allowed)] },
    ),
  ),
  hostCheck(
    "access-host-keys",
    {
      title: {
        pass: "SSH host keys are readable only by root",
        fail: "SSH host key has an unexpected owner or excess permissions",
      },
      severity: "high",
      why: "An attacker who has a host key can impersonate this host.",
      remediation: "Set the owner to root and the mode to 600.",
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
      title: { pass: "Only root has UID 0", fail: "Account other than root has UID 0" },
      why: "Every account with UID 0 is root.",
      remediation: "Assign another UID to the account.",
      severity: "critical",
    },
    { find: (users) => users.filter(({ uid, name }) => uid === 0 && name !== "root") },
  ),
  userCheck(
    "no-empty-passwords",
    {
      title: { pass: "Accounts have no empty passwords", fail: "Account has an empty password" },
      why: "Anyone can log in to the account.",
      remediation: "Lock the account, or set a password.",
      severity: "critical",
      cis: { ubuntu: ["7.2.2"], redHat: ["7.2.2"] },
    },
    {
      find: (users) => users.filter(({ password }) => password === "empty"),
      // Locking root can lock everyone out, so the command is only a hint.
      fix: ({ name, uid }) =>
        uid === 0 ? hint("set a password for root with passwd") : `passwd -l -- ${shellWord(name)}`,
    },
  ),
  userCheck(
    "passwords-in-shadow",
    {
      title: { pass: "Password hashes are only in /etc/shadow", fail: "Password hash is in /etc/passwd" },
      why: "Every user can read /etc/passwd.",
      remediation: "Move the hashes with pwconv.",
      severity: "high",
      cis: { ubuntu: ["7.2.1"], redHat: ["7.2.1"] },
    },
    { find: (users) => users.filter(({ password }) => password === "in-passwd"), fix: () => "pwconv" },
  ),
  userCheck(
    "unique-user-ids",
    {
      title: { pass: "UIDs are unique", fail: "Accounts share a UID" },
      why: "Accounts with the same UID share files and processes, and logs cannot distinguish the accounts.",
      remediation: "Assign another UID to one of the accounts.",
      severity: "medium",
      cis: { ubuntu: ["7.2.5"], redHat: ["7.2.4"] },
    },
    { find: (users) => repeated(users, ({ uid }) => String(uid)) },
  ),
  userCheck(
    "unique-user-names",
    {
      title: { pass: "Account names are unique", fail: "Accounts share a name" },
      why: "Programs can choose different accounts for the same name.",
      remediation: "Rename one of the accounts.",
      severity: "medium",
      cis: { ubuntu: ["7.2.7"], redHat: ["7.2.6"] },
    },
    { find: (users) => repeated(users, ({ name }) => name) },
  ),
  hostCheck(
    "subordinate-ids",
    {
      title: {
        pass: "Subordinate UID ranges overlap with no other range or account",
        fail: "Subordinate UID ranges overlap with each other or with accounts",
      },
      severity: "high",
      why: "Containers of users with shared UIDs can read each other's files, and a range that contains an account gives access to its files.",
      remediation: "Change the ranges in /etc/subuid so that they neither overlap nor contain the UID of an account.",
    },
    {
      needs: ["userNamespaces", "users"],
      evaluate(facts): Observation[] {
        const ranges = known(facts.userNamespaces).subordinateUsers;
        if (ranges.length === 0)
          return [{ state: "not-applicable", evidence: [], reason: "/etc/subuid has no ranges" }];
        const ids = known(facts.users).map(({ uid, name }) => ({ uid, name }));
        const sorted = [...ranges].sort((a, b) => a.start - b.start);
        const bad = sorted.flatMap(({ user, start, count }, index) => {
          const before = sorted.slice(0, index).find((one) => one.user !== user && one.start + one.count > start);
          const account = ids.find(({ uid }) => uid >= start && uid < start + count);
          return [
            ...(before
              ? [evidence(`range of ${user}`, `${start}:${count}`, `no overlap with the range of ${before.user}`)]
              : []),
            ...(account
              ? [
                  evidence(
                    `range of ${user}`,
                    `${start}:${count}`,
                    `no overlap with account ${account.name} (${account.uid})`,
                  ),
                ]
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
      if (found.length === 0) return [{ state: "pass", evidence: [evidence("accounts checked", users.length)] }];
      const seen = found.map((user) => evidence(`account ${user.name}`, `UID ${user.uid}`));
      return [{ state: "fail", evidence: seen, ...(fix && { commands: [...new Set(found.map(fix))] }) }];
    },
  });
}

function repeated(users: readonly UserFact[], keyOf: (user: UserFact) => string): UserFact[] {
  const groups = Map.groupBy(users, keyOf);
  return users.filter((user) => (groups.get(keyOf(user))?.length ?? 0) > 1);
}
