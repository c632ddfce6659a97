import type { SecretRule } from "../secret-rule.ts";
import { isMixed, isNoPlaceholder } from "../validators.ts";

const words = "password|passwd|passphrase|secret|token|api_?key|apikey|access_?key|auth_?key|private_?key|credentials?";
const keywords = ["password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "accesskey"];
const moreKeywords = [...keywords, "access_key", "auth_key", "authkey", "private_key", "credential"];

/** Passwords in addresses and configurations, and values that only their name gives away. */
export const passwordRules: readonly SecretRule[] = [
  {
    ...{ id: "database-url-password", title: "password in the address of a database", severity: "high" },
    keywords: [
      "postgres://",
      "postgresql://",
      "mysql://",
      "mariadb://",
      "mongodb://",
      "mongodb+srv://",
      "redis://",
      "rediss://",
      "amqp://",
      "amqps://",
      "sqlserver://",
      "clickhouse://",
      "nats://",
    ],
    ...{ before: 20, after: 330, shown: 0, guessable: true, hasExamples: true, validate: isNoPlaceholder },
    pattern: /\b[a-z+]{3,15}:\/\/[^\s:@/"'<>]{0,100}:(?<secret>[^\s@/"'<>]{3,200})@[\w.-]{1,100}/g,
  },
  {
    ...{ id: "url-password", title: "password in an address", severity: "medium" },
    ...{ keywords: ["https://", "http://", "ftp://", "ssh://", "ldap://", "ldaps://", "smtp://", "smtps://"] },
    ...{ before: 12, after: 330, shown: 0, guessable: true, hasExamples: true, validate: isNoPlaceholder },
    pattern:
      /\b(?:https?|ftp|ssh|ldaps?|smtps?):\/\/[^\s:@/"'<>?#]{1,100}:(?<secret>[^\s@/"'<>?#]{6,200})@[\w.-]{1,100}/g,
  },
  {
    ...{ id: "netrc-password", title: "password in a netrc file", severity: "high", keywords: ["machine "] },
    ...{ before: 12, after: 300, shown: 0, guessable: true, hasExamples: true, validate: isNoPlaceholder },
    pattern: /\bmachine\s{1,4}\S{1,100}\s{1,8}login\s{1,4}\S{1,64}\s{1,8}password\s{1,4}(?<secret>\S{4,128})/g,
  },
  {
    ...{
      id: "rails-master-key",
      title: "Rails master key",
      severity: "high",
      keywords: ["rails_master_key", "secret_key_base"],
    },
    ...{ before: 24, after: 150, shown: 0 },
    pattern:
      /(?:RAILS_MASTER_KEY|secret_key_base|SECRET_KEY_BASE)["']?\s{0,3}[=:]\s{0,3}["']?(?<secret>[a-f0-9]{32,128})/g,
  },
  {
    ...{ id: "quoted-secret", title: "value that looks like a secret", severity: "medium", keywords: moreKeywords },
    ...{ before: 40, after: 240, shown: 0, entropy: 3.5, validate: isMixed, guessable: true, hasExamples: true },
    pattern: new RegExp(
      `(?:${words})[\\w.-]{0,20}["'\\]]{0,2}\\s{0,3}(?::=|=>|[=:])\\s{0,3}["'](?<secret>[A-Za-z0-9+/_=.~!@#%^&*-]{12,150})["']`,
      "gi",
    ),
  },
  {
    ...{
      id: "environment-secret",
      title: "value of a secret environment variable",
      severity: "medium",
      keywords: moreKeywords,
    },
    ...{ before: 60, after: 240, shown: 0, entropy: 3.3, validate: isMixed, guessable: true, hasExamples: true },
    pattern: new RegExp(
      `^(?:export )?[A-Z0-9_]{0,60}(?:${words.toUpperCase()})[A-Z0-9_]{0,20}=(?<secret>[A-Za-z0-9+/_=.~!@#%^&*-]{10,150})$`,
      "gm",
    ),
  },
];
