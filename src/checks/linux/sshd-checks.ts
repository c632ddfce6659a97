import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check } from "../check.ts";
import type { CheckTitle } from "../check-title.ts";
import { evidence } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { known } from "../known.ts";
import { type HostControls, hostCheck } from "./host-check.ts";

interface SshdRule {
  readonly name: string;
  readonly keyword: string;
  /** The default of sshd. */
  readonly usual: string;
  readonly passes: (value: string) => boolean;
  readonly expected: string;
  /** The line of sshd_config that makes it pass. */
  readonly remedy: string;
  readonly title: CheckTitle;
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
    title: { pass: "SSH root login is disabled", fail: "SSH root login is allowed" },
    why: "Logs cannot show which person used a shared root account.",
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
    title: { pass: "SSH rejects empty passwords", fail: "SSH accepts empty passwords" },
    why: "Anyone can log in to an account with an empty password.",
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
    title: {
      pass: "SSH users cannot set environment variables of sshd",
      fail: "SSH users can set environment variables of sshd",
    },
    why: "Some environment variables cause programs to load foreign code.",
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
    title: { pass: "SSH host-based authentication is disabled", fail: "SSH host-based authentication is enabled" },
    why: "A compromised host can impersonate every one of its users.",
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
    title: { pass: "SSH ignores rhosts files", fail: "SSH accepts rhosts files" },
    why: "A user's rhosts file can give other hosts access to the account.",
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
    title: {
      pass: "SSH allows at most four authentication attempts per connection",
      fail: "SSH allows more than four authentication attempts per connection",
    },
    why: "More attempts per connection make password guessing faster.",
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
    title: {
      pass: "SSH login grace time is at most one minute",
      fail: "SSH login grace time is longer than one minute or unlimited",
    },
    why: "Unauthenticated connections use up server resources.",
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
    title: { pass: "SSH log level is INFO or VERBOSE", fail: "SSH log level is neither INFO nor VERBOSE" },
    why: "Lower levels omit logins, and debug levels record private data.",
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
    title: { pass: "SSH uses PAM", fail: "SSH does not use PAM" },
    why: "Without PAM, account locks and limits do not apply.",
    cis: { ubuntu: ["5.1.22"], redHat: ["5.1.22"] },
  },
];

/** Settings of sshd before the first `Match` block. */
export const sshdChecks: readonly Check<HostFacts>[] = rules.map(
  ({ name, keyword, usual, passes, expected, remedy, ...text }) =>
    hostCheck(
      name,
      { ...text, remediation: `Set ${remedy} in /etc/ssh/sshd_config, and reload sshd.` },
      {
        needs: ["sshd"],
        evaluate(facts) {
          const settings = known(facts.sshd);
          if (settings === null)
            return [{ state: "not-applicable", evidence: [], reason: "no SSH server is installed" }];
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
    hint("then check that you can still log in, test the file with sshd -t, and reload sshd"),
  ];
}
