// Names and values that look like credentials. The words are those of BuildKit's rule SecretsUsedInArgOrEnv and a few
// more.

const secretWords =
  /(?:_|^)(?:apikey|auth|credentials?|key|passw(?:or)?d|pword|pass|passphrase|secret|token|apitoken|accesskey|secretkey|privatekey)(?:_|$)/i;
const publicWords = /(?:_|^)(?:public|file|version|gpg|pgp|fingerprint)(?:_|$)/i;

/** True when a variable of this name is likely to hold a secret. */
export function namesSecret(name: string): boolean {
  return name.length <= 256 && secretWords.test(name) && !publicWords.test(name);
}

/** True for the fingerprint of a public key, as scripts keep it in a variable `key`. */
export function isFingerprint(name: string, value: string): boolean {
  return /^(?:gpg_?)?keys?$/i.test(name) && /^(?:[0-9A-F]{40}\s*)+$/.test(value.trim());
}

// Forms that issuers document; each begins with fixed characters, so a search is linear.
const forms: readonly (readonly [kind: string, form: RegExp])[] = [
  ["AWS access key", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["GitHub token", /\bgh[pousr]_[0-9A-Za-z]{36}/],
  ["GitHub token", /\bgithub_pat_[0-9A-Za-z_]{22}/],
  ["GitLab token", /\bglpat-[0-9A-Za-z_-]{20}/],
  ["Slack token", /\bxox[abeprs]-[0-9A-Za-z-]{10}/],
  ["Google API key", /\bAIza[0-9A-Za-z_-]{35}/],
  ["npm token", /\bnpm_[0-9A-Za-z]{36}/],
  ["PyPI token", /\bpypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50}/],
  ["Docker Hub token", /\bdckr_pat_[0-9A-Za-z_-]{27}/],
  ["Stripe key", /\b[sr]k_live_[0-9A-Za-z]{24}/],
  ["DigitalOcean token", /\bdop_v1_[0-9a-f]{64}/],
  ["SendGrid key", /\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}/],
  ["Hugging Face token", /\bhf_[0-9A-Za-z]{34}/],
  ["private key", /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/],
  ["JSON Web Token", /\beyJ[0-9A-Za-z_-]{10,2000}\.eyJ[0-9A-Za-z_-]{10}/],
  ["password in a URL", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@$'"]{1,100}:[^\s/:@$'"<{]{1,200}@/],
];

const longestText = 100_000;

/** What kinds of credential stand in a text, without repetition. */
export function credentialKinds(text: string): string[] {
  const searched = text.slice(0, longestText);
  return [...new Set(forms.filter(([, form]) => form.test(searched)).map(([kind]) => kind))];
}

/** How a secret is shown: its length alone. */
export function secretShape(value: string): string {
  return `${value.length} characters, not shown`;
}

const secretFileNames = new Set([
  ".dockercfg",
  ".env",
  ".git-credentials",
  ".htpasswd",
  ".netrc",
  ".npmrc",
  ".pgpass",
  ".pypirc",
  ".s3cfg",
  ".vault-token",
  "credentials.json",
  "credential.json",
  "id_dsa",
  "id_ecdsa",
  "id_ed25519",
  "id_rsa",
  "kubeconfig",
  "secrets.json",
  "secrets.yaml",
  "secrets.yml",
  "shadow",
  "terraform.tfstate",
]);
const secretFileEnds = [".jks", ".kdbx", ".key", ".keystore", ".p12", ".pfx", ".ppk"];
const secretFilePaths = ["/.aws/credentials", "/.docker/config.json", "/.kube/config"];
const environmentFile = /^\.env\.(?!dist$|example$|sample$|template$|defaults?$)[\w.-]+$/;

/** True for a path whose name says that credentials are in it. */
export function namesSecretFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (
    secretFileNames.has(name) ||
    secretFileEnds.some((end) => name.endsWith(end) && name !== end) ||
    secretFilePaths.some((end) => `/${path}`.endsWith(end)) ||
    environmentFile.test(name)
  );
}
