import type { HostFacts } from "../../model/host-facts.ts";
import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { known } from "../known.ts";
import { type HostControls, hostCheck } from "./host-check.ts";

interface SshdRule {
  readonly name: string;
  readonly keyword: string;
  /** What sshd does when nothing is said. */
  readonly usual: string;
  readonly passes: (value: string) => boolean;
  readonly expected: string;
  /** The line of sshd_config that makes it pass. */
  readonly remedy: string;
  readonly title: string;
  readonly why: string;
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly cis: HostControls;
}

const is =
  (...values: readonly string[]) =>
  (value: string): boolean =>
    values.includes(value);
const atMost =
  (limit: number) =>
  (value: string): boolean =>
    /^\d{1,9}$/.test(value) && Number(value) <= limit;

const rules: readonly SshdRule[] = [
  {
    name: "ssh-root-login",
    keyword: "permitrootlogin",
    usual: "prohibit-password",
    passes: is("no"),
    remedy: "PermitRootLogin no",
    expected: "no",
    severity: "medium",
    title: "Root does not log in over ssh",
    why: "Who was it? With one account for all, no log tells.",
    cis: { ubuntu: ["5.1.20"], redHat: ["5.1.20"] },
  },
  {
    name: "ssh-empty-passwords",
    keyword: "permitemptypasswords",
    usual: "no",
    passes: is("no"),
    remedy: "PermitEmptyPasswords no",
    expected: "no",
    severity: "critical",
    title: "No empty password is accepted over ssh",
    why: "Anybody could log in as such a user.",
    cis: { ubuntu: ["5.1.19"], redHat: ["5.1.19"] },
  },
  {
    name: "ssh-user-environment",
    keyword: "permituserenvironment",
    usual: "no",
    passes: is("no"),
    remedy: "PermitUserEnvironment no",
    expected: "no",
    severity: "medium",
    title: "Users do not set variables of the ssh server",
    why: "Some variables make programs load foreign code.",
    cis: { ubuntu: ["5.1.21"], redHat: ["5.1.21"] },
  },
  {
    name: "ssh-host-based",
    keyword: "hostbasedauthentication",
    usual: "no",
    passes: is("no"),
    remedy: "HostbasedAuthentication no",
    expected: "no",
    severity: "medium",
    title: "No host is believed who its users are",
    why: "A host that was taken over could be anybody.",
    cis: { ubuntu: ["5.1.10"], redHat: ["5.1.12"] },
  },
  {
    name: "ssh-rhosts",
    keyword: "ignorerhosts",
    usual: "yes",
    passes: is("yes"),
    remedy: "IgnoreRhosts yes",
    expected: "yes",
    severity: "medium",
    title: "Old files of trust between hosts are ignored",
    why: "A user's own file could open the account to others.",
    cis: { ubuntu: ["5.1.11"], redHat: ["5.1.13"] },
  },
  {
    name: "ssh-tries",
    keyword: "maxauthtries",
    usual: "6",
    passes: atMost(4),
    remedy: "MaxAuthTries 4",
    expected: "4 or less",
    severity: "low",
    title: "A connection has at most four tries to log in",
    why: "More tries make guessing faster.",
    cis: { ubuntu: ["5.1.16"], redHat: ["5.1.16"] },
  },
  {
    name: "ssh-grace",
    keyword: "logingracetime",
    usual: "120",
    passes: (value) => /^(?:[1-9]|[1-5]\d|60)s?$|^1m$/.test(value),
    remedy: "LoginGraceTime 60",
    expected: "1 to 60 seconds",
    severity: "low",
    title: "A connection has a minute to log in",
    why: "Open connections that wait use the server up.",
    cis: { ubuntu: ["5.1.13"], redHat: ["5.1.14"] },
  },
  {
    name: "ssh-log-level",
    keyword: "loglevel",
    usual: "info",
    passes: is("info", "verbose"),
    remedy: "LogLevel VERBOSE",
    expected: "INFO or VERBOSE",
    severity: "low",
    title: "The ssh server logs who came",
    why: "Otherwise nobody can tell later.",
    cis: { ubuntu: ["5.1.14"], redHat: ["5.1.15"] },
  },
  {
    name: "ssh-pam",
    keyword: "usepam",
    usual: "no",
    passes: is("yes"),
    remedy: "UsePAM yes",
    expected: "yes",
    severity: "low",
    title: "The ssh server keeps to the host's rules for accounts",
    why: "Without PAM, locks and limits of accounts do not hold.",
    cis: { ubuntu: ["5.1.22"], redHat: ["5.1.22"] },
  },
];

/** How one gets in over ssh; what counts is the part before the first `Match`. */
export const sshdChecks: readonly Check<HostFacts>[] = rules.map(
  ({ name, keyword, usual, passes, expected, remedy, ...text }) =>
    hostCheck(
      name,
      { ...text, remediation: `Set ${keyword} in /etc/ssh/sshd_config, and reload the server.` },
      {
        needs: ["sshd"],
        evaluate(facts) {
          const settings = known(facts.sshd);
          if (settings === null) return [{ state: "not-applicable", evidence: [], reason: "there is no ssh server" }];
          const value = Object.hasOwn(settings, keyword) ? settings[keyword]?.join(" ") : undefined;
          const passed = passes((value ?? usual).toLowerCase());
          const seen = [evidence(keyword, value ?? `not set (${usual})`, expected)];
          return [
            passed ? { state: "pass", evidence: seen } : { state: "fail", evidence: seen, commands: fixWith(remedy) },
          ];
        },
      },
    ),
);

/** sshd keeps the first value that it reads, so the line goes to the top, before files that are included. */
function fixWith(line: string): string[] {
  return [
    `sed -i -e '1i ${line}' -e '/^${line}$/d' /etc/ssh/sshd_config`,
    hint("then see that somebody can still log in, test the file with sshd -t, and reload the server"),
  ];
}
