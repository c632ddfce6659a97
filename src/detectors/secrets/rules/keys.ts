import { token } from "../rule-forms.ts";
import type { SecretRule } from "../secret-rule.ts";
import { isJsonWebToken } from "../validators.ts";

/** The most characters of a key in PEM that are looked at: an RSA key of 8192 bits has 6,300. */
const longestKey = 8_000;
const base64Lines = "[A-Za-z0-9+/=\\s\\\\nr]{64,7800}";

function pem(
  [id, title, severity]: readonly [string, string, SecretRule["severity"]],
  label: string,
  word: string,
): SecretRule {
  return {
    ...{ id, title, severity, keywords: [word], before: 60, after: longestKey, shown: 0, hasExamples: true },
    pattern: new RegExp(`-----BEGIN ${label}-----(?<secret>${base64Lines})-----END`, "g"),
  };
}

/** Private keys, and tokens in forms that many services share. */
export const keyRules: readonly SecretRule[] = [
  pem(["private-key", "private key", "critical"], "PRIVATE KEY", "begin private key"),
  pem(["rsa-private-key", "RSA private key", "critical"], "RSA PRIVATE KEY", "begin rsa private key"),
  pem(["ec-private-key", "elliptic-curve private key", "critical"], "EC PRIVATE KEY", "begin ec private key"),
  pem(["dsa-private-key", "DSA private key", "critical"], "DSA PRIVATE KEY", "begin dsa private key"),
  pem(["openssh-private-key", "OpenSSH private key", "critical"], "OPENSSH PRIVATE KEY", "begin openssh private key"),
  pem(
    ["encrypted-private-key", "encrypted private key", "medium"],
    "ENCRYPTED PRIVATE KEY",
    "begin encrypted private key",
  ),
  {
    ...{ id: "pgp-private-key", title: "PGP private key", severity: "critical", keywords: ["begin pgp private key"] },
    ...{ before: 60, after: longestKey, shown: 0, hasExamples: true },
    pattern: /-----BEGIN PGP PRIVATE KEY BLOCK-----(?<secret>[\x20-\x7e\s]{64,7800}?)(?:-----END|$)/g,
  },
  {
    ...{
      id: "putty-private-key",
      title: "PuTTY private key",
      severity: "critical",
      keywords: ["putty-user-key-file-"],
    },
    ...{ before: 60, after: 4_000, shown: 0 },
    pattern:
      /PuTTY-User-Key-File-[23]: [\x20-\x7e\s]{20,2000}?Private-Lines: \d{1,3}\s{1,2}(?<secret>[A-Za-z0-9+/=]{20,64})/g,
  },
  token(["age-secret-key", "age secret key", "critical"], "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
  {
    ...{ id: "wireguard-private-key", title: "WireGuard private key", severity: "critical", keywords: ["privatekey"] },
    ...{ before: 30, after: 80, shown: 0 },
    pattern: /\bPrivateKey\s{0,3}=\s{0,3}(?<secret>[A-Za-z0-9+/]{43}=)/g,
  },
  {
    ...{ id: "kubeconfig-client-key", title: "client key in a kubeconfig", severity: "critical" },
    ...{ keywords: ["client-key-data"], before: 30, after: 4_000, shown: 0 },
    pattern: /\bclient-key-data["']?:\s{0,4}["']?(?<secret>LS0tLS1CRUdJTi[A-Za-z0-9+/]{200,3800}={0,2})/g,
  },
  {
    ...{ id: "json-web-key", title: "private JSON Web Key", severity: "critical", keywords: ['"kty"'] },
    ...{ before: 600, after: 2_000, shown: 0, hasExamples: true },
    pattern: /"d"\s{0,3}:\s{0,3}"(?<secret>[A-Za-z0-9_-]{40,700})"/g,
  },
  token(
    ["json-web-token", "JSON Web Token", "medium"],
    "eyJ[A-Za-z0-9_-]{10,500}\\.eyJ[A-Za-z0-9_-]{10,2000}\\.[A-Za-z0-9_-]{20,700}",
    {
      ...{ longest: 3_300, validate: isJsonWebToken, hasExamples: true, shown: 0 },
    },
  ),
  {
    ...{ id: "password-hash", title: "password hash of a Unix account", severity: "medium" },
    ...{ keywords: [":$1$", ":$5$", ":$6$", ":$y$", ":$2b$", ":$2y$", ":$argon2"], before: 60, after: 200, shown: 0 },
    pattern: /^[a-z_][\w-]{0,31}:(?<secret>\$(?:1|5|6|y|2[aby]|argon2id?)\$[\w./$,=+-]{20,150}):\d{0,6}:/gm,
    guessable: true,
    hasExamples: true,
  },
  {
    ...{ id: "htpasswd-hash", title: "password hash of a web server", severity: "low" },
    ...{ keywords: [":$apr1$", ":{sha}", ":$2y$"], before: 60, after: 100, shown: 0 },
    pattern: /^[\w.@-]{1,64}:(?<secret>\$apr1\$[\w./$]{20,40}|\{SHA\}[A-Za-z0-9+/]{27}=|\$2y\$\d\d\$[\w./]{53})$/gm,
    guessable: true,
    hasExamples: true,
  },
];
