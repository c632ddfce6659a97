// Whether a value that is written out is a secret, by its name and its shape. The value itself is never part of an
// answer.

const secretName =
  /(?:^|[_.\-/])(?:pass(?:wd|word|phrase|code)?|pwd|secret|token|apikey|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|secret[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?|auth[_-]?key|bearer|jwt|client[_-]?secret|(?:account|batch|hmac|license|master|rsa|service|shared|ssh|storage)[_-]?key|connection[_-]?string)s?(?:$|[_.\-/\d])/;
const endOfSecretName = /(?:password|passwd|passphrase|pwd|secret|apikey|accesskey|privatekey|token)$/;
// What such names end in when they stand for where, or how, and not for the secret.
const aboutSecret =
  /(?:file|path|dir|directory|url|uri|endpoint|host|port|name|id|ref|enabled?|length|ttl|expiry|expiration|expires|timeout|policy|type|mode|age|count|format|algorithm|issuer|audience|header|field|prefix|namespace|version|store|provider|pattern|regexp?|rotation|period|seconds|minutes|hours|days|interval|duration|limit|max|min)$/;
const accessKeyId = /access[_-]?key[_-]?id$/;
// `credentialsSecret: jaeger-creds` names the Secret of Kubernetes that holds the credentials.
const nameOfSecret = /(?:credentials?|existing|image[_-]?pull|pull|tls)[_-]?secrets?$/;
const objectName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

const valueShapes: readonly (readonly [shape: string, pattern: RegExp])[] = [
  ["an AWS access key", /(?:^|[^A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])/],
  ["a private key", /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/],
  ["a GitHub token", /(?:^|[^A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/],
  ["a GitLab token", /(?:^|[^A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}/],
  ["a Slack token", /(?:^|[^A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ["a Stripe key", /(?:^|[^A-Za-z0-9])(?:sk|rk)_live_[A-Za-z0-9]{16,}/],
  ["a Google API key", /(?:^|[^A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/],
  ["a JSON Web Token", /(?:^|[^A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ["a bearer token", /^bearer [A-Za-z0-9._~+/=-]{8,}$/i],
  ["a URL with a password", /^[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@]{0,100}:[^\s/@$]{1,200}@[^\s/]/i],
];
const longestLooked = 64 * 1024;
const reference = /^(?:\$[({]|\$[A-Za-z_]|<[^>]*>$|\{\{|%[({]|vault:|ref\+|arn:|secret:\/\/|projects\/)/;
const filePath = /^(?:\.{0,2}|~)\/[\w.@%+:/-]*$/;

/** Why a value under a name is a secret: what it looks like; undefined when it does not look like one. */
export function secretShape(name: string, value: string): string | undefined {
  const text = value.trim().slice(0, longestLooked);
  if (text === "" || reference.test(text)) return undefined;
  const shape = valueShapes.find(([, pattern]) => pattern.test(text))?.[0] ?? decodedShape(text);
  if (shape !== undefined) return shape;
  if (!isSecretName(name) || filePath.test(text) || isNoSecret(text) || isNamesake(name, text)) return undefined;
  return "named as a secret";
}

/** How a secret is printed: how long it is, and nothing of it. */
export function secretPrint(value: string, shape: string): string {
  return `${shape}, ${value.length} characters`;
}

/** True for a name that says that its value is a secret: `DB_PASSWORD`, `apiKey`, `aws_access_key_id`. */
export function isSecretName(name: string): boolean {
  // Words of camel case count as words.
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  if (aboutSecret.test(words) && !accessKeyId.test(words)) return false;
  return secretName.test(words) || endOfSecretName.test(words);
}

function isNoSecret(text: string): boolean {
  return /^(?:true|false|yes|no|on|off|null|none|\d{1,3}|example|x{3,}|\*+)$/i.test(text) || isPlaceholder(text);
}

/**
 * True for a value that only repeats a name: that of its variable (`API_KEY: API_KEY_VAL`), to be replaced, or that of
 * a Kubernetes Secret.
 */
function isNamesake(name: string, text: string): boolean {
  if (name.length > 100 || text.length > 253) return false;
  if (nameOfSecret.test(name.toLowerCase()) && text.includes("-") && objectName.test(text)) return true;
  const [wanted, rest] = [name.toUpperCase(), text.slice(name.length)];
  return name.length > 5 && text.startsWith(wanted) && /^(?:_(?:VAL|VALUE|HERE|PLACEHOLDER))?$/.test(rest);
}

/** True for a text that says that a value has to be put in its place: `CHANGEME`, `INSERT_KEY_HERE`, `your-token`. */
function isPlaceholder(text: string): boolean {
  if (text.length > 100) return false;
  if (/^__[A-Z][A-Z0-9_]*__$/.test(text)) return true;
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .filter((word) => word !== "");
  const [first = "", second = ""] = words;
  if (words.join("") === "changeme" || words.join("") === "changethis" || first === "placeholder") return true;
  if (words.join("") === "todo" || words.join("") === "fixme" || words.join("") === "replaceme") return true;
  // Words in capitals, in brackets, or with a noun that says what is missing.
  const isTemplate = /^[<[{_]/.test(text) || text === text.toUpperCase();
  if (["insert", "replace", "enter", "put", "add"].includes(first))
    return words.length > 1 && (isTemplate || words.some((word) => ["here", "your", "with", "me"].includes(word)));
  return (
    (first === "your" || first === "my") &&
    second !== "" &&
    (first === "your" || isTemplate) &&
    /^(?:key|token|password|secret|api|access|client|account|credentials?|passphrase|db|database|auth|private|license|own)/.test(
      second,
    )
  );
}

/** The shape of what a text in base64 stands for. */
function decodedShape(text: string): string | undefined {
  if (text.length < 16 || text.length > 4096 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return undefined;
  const decoded = Buffer.from(text, "base64").toString("latin1");
  return valueShapes.find(([, pattern]) => pattern.test(decoded))?.[0];
}
