import { isJsonObject } from "../../model/objects/json-object.ts";

const secretWords =
  /pass(?:wor[dt]|wd|phrase)|passwd|\bpwd\b|_pwd\b|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|encryption[-_]?key|signing[-_]?key|license[-_]?key|credential|pass$|(?:^|[-_.])(?:auth|dsn|pw)$/i;
// An option of this name says where or how, not what.
const placeWords =
  /(?:file|path|dir|directory|folder|config|kubeconfig|ttl|webhook|mode|type|url|issuer|audiences?|lookup|name|expiration|version)$/i;
const secretValues =
  /AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|\bgh[pousr]_[0-9A-Za-z]{30}|github_pat_[0-9A-Za-z_]{30}|\bglpat-[0-9A-Za-z_-]{16}|\bxox[abeoprs]-[0-9A-Za-z-]{10}|\bAIza[0-9A-Za-z_-]{30}|\bsk_(?:live|test)_[0-9A-Za-z]{16}|\bnpm_[0-9A-Za-z]{30}|\bdckr_pat_[0-9A-Za-z_-]{16}|\bSWMTKN-|\bSWMKEY-|\beyJ[0-9A-Za-z_-]{8,512}\.[0-9A-Za-z_-]{8}/;
const privateKey = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY/;
const markedRuns = new RegExp(`(?:${secretValues.source})[\\w.+/=-]{0,4096}`, "g");
const keyRest = new RegExp(`${privateKey.source}[\\s\\S]*`, "g");
const longestText = 64 * 1024;
const deepest = 20;

/** Whether a variable, an option or a member of this name holds a secret by custom. */
export function isSecretName(name: string): boolean {
  return name.length <= 512 && secretWords.test(name) && !placeWords.test(name);
}

/** Whether a text carries the mark of a known kind of secret. */
export function looksSecret(value: string): boolean {
  const text = value.slice(0, longestText);
  return privateKey.test(text) || secretValues.test(text) || /:\/\/[^\s/@:]{0,256}:[^\s/@]{1,256}@/.test(text);
}

/** What can be said about a secret without telling it. */
export function shapeOf(value: string): string {
  if (value === "") return "empty";
  if (privateKey.test(value.slice(0, longestText))) return "private key";
  return value.length === 1 ? "1 character" : `${value.length} characters`;
}

/** A text that stands for a secret. */
function hidden(value: string): string {
  return `<${shapeOf(value)}>`;
}

/**
 * A text with what may be a secret in it shown as its shape: passwords in addresses, values of secret names (`TOKEN=x`,
 * `--password x`, `"secret": "x"`), marks of known kinds, authorization headers, and long random runs of letters and
 * digits.
 */
export function hideInText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short
    .replace(
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY[\s\S]{0,65536}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
      "<private key>",
    )
    .replace(/(:\/\/)([^\s/@]{1,512})@/g, (_, before: string, login: string) => `${before}${hidden(login)}@`)
    .replace(
      /\b(authorization\s{0,4}:\s{0,4}(?:basic|bearer|token)?\s{0,4})([^\s"']{1,4096})/gi,
      (_, before: string, value: string) => `${before}${hidden(value)}`,
    )
    .replace(
      /([A-Za-z_][\w.-]{0,127})(["']?\s{0,4}[=:]\s{0,4})("[^"]{0,4096}"|'[^']{0,4096}'|[^\s"',;&|]{1,4096})/g,
      (whole, name: string, between: string, value: string) =>
        isSecretName(name) && !isSwitch(value) ? `${name}${between}${hidden(unquoted(value))}` : whole,
    )
    .replace(
      /(^|\s)(--?[A-Za-z][\w-]{0,127})(\s{1,4})("[^"]{0,4096}"|'[^']{0,4096}'|[^\s"'-][^\s"']{0,4095})/g,
      (whole, start: string, name: string, between: string, value: string) =>
        isSecretName(name) || (/^-(?:u|-user)$/.test(name) && value.includes(":"))
          ? `${start}${name}${between}${hidden(unquoted(value))}`
          : whole,
    )
    .replace(markedRuns, (mark) => hidden(mark))
    .replace(/[A-Za-z0-9_+/=-]{20,}/g, (run) => (isRandom(run) ? hidden(run) : run));
}

/** Arguments of a program with the values of secret options shown as their shape. */
export function hideInArguments(argv: readonly string[]): string[] {
  let secretFollows = false;
  return argv.map((argument) => {
    const hide = secretFollows && !argument.startsWith("-");
    secretFollows = false;
    if (hide) return hidden(argument);
    const option = /^--?([A-Za-z][\w.-]{0,127})(?:=([\s\S]*))?$/.exec(argument);
    const name = option?.[1] ?? "";
    if (!option || !isSecretName(name)) return hideKnown(argument);
    const value = option[2];
    if (value === undefined) {
      secretFollows = true;
      return argument;
    }
    return isSwitch(value) ? argument : `${argument.slice(0, argument.indexOf("=") + 1)}${hidden(value)}`;
  });
}

/** A value as `JSON.parse` makes it, with the values of secret members and marked secrets shown as their shape. */
export function hideInJson(value: unknown, name = "", depth = 0): unknown {
  if (typeof value === "string") return isSecretName(name) && !isSwitch(value) ? hidden(value) : hideKnown(value);
  if (typeof value === "number" || typeof value === "bigint") return isSecretName(name) ? hidden(String(value)) : value;
  if (depth >= deepest) return value === null || typeof value === "boolean" ? value : "<too deep>";
  if (Array.isArray(value)) return value.map((item) => hideInJson(item, name, depth + 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const secretGroup = isSecretName(name) && !isSecretName(key);
      return [key, hideInJson(item, secretGroup ? name : key, depth + 1)];
    }),
  );
}

/** Hides only what is marked as a secret by itself, so that paths, digests and settings stay as they are. */
function hideKnown(text: string): string {
  const short = text.slice(0, longestText);
  if (!looksSecret(short) && !/[:=]/.test(short)) return short;
  return short
    .replace(/(:\/\/)([^\s/@]{1,512})@/g, (_, before: string, login: string) => `${before}${hidden(login)}@`)
    .replace(
      /([A-Za-z_][\w.-]{0,127})([=:])([^\s,;&]{1,4096})/g,
      (whole, name: string, between: string, value: string) =>
        isSecretName(name) && !isSwitch(value) ? `${name}${between}${hidden(value)}` : whole,
    )
    .replace(keyRest, "<private key>")
    .replace(markedRuns, (mark) => hidden(mark));
}

function isSwitch(value: string): boolean {
  return /^(?:true|false|yes|no|on|off|null)$/i.test(value);
}

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

/** Letters of both kinds and digits in one run, or nothing but hexadecimal digits: no word, no path. */
function isRandom(run: string): boolean {
  if (/^[0-9a-f]{32,}$/i.test(run)) return true;
  if (run.split("/").length > 2) return false;
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run);
}
