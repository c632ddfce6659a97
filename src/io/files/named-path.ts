import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { PlimsollError } from "../../model/error.ts";

/** What wants the path of a file, and is often given the file's content by mistake. */
export interface PathSetting {
  /** How the user knows it: `AWS_WEB_IDENTITY_TOKEN_FILE`, `--key`. */
  readonly setting: string;
  /** `file` unless given. */
  readonly kind?: "file" | "folder";
  /** A sentence on what takes the content, where something does. */
  readonly instead?: string;
}

const longestPath = 1024;
/** From so many characters on, letters in upper and lower case mixed with digits may be a key. */
const longAsSecret = 24;

/**
 * The path, when there is something at it or it at least looks like one; then messages may show it. Keys and tokens do
 * not: they have several lines, braces, or a long name of mixed letters and digits or of hexadecimal digits alone.
 *
 * Error: `usage`, which names the setting and shows nothing of the text.
 */
export function namedPath(text: string, { setting, kind = "file", instead }: PathSetting): string {
  if (existsSync(text) || looksLikePath(text)) return text;
  throw new PlimsollError("usage", `${setting} requires the path of a ${kind}, but its value is not a path`, {
    hint:
      instead ??
      `Save the content to a ${kind === "file" ? "file, and specify the path of the file" : "file in a folder, and specify the path of the folder"}.`,
  });
}

function looksLikePath(text: string): boolean {
  if (text.length > longestPath || /[\p{Cc}\p{Zl}\p{Zp}{}"<>]|-----/u.test(text)) return false;
  return unknownPart(text)
    .split("/")
    .every((name) => !looksLikeSecret(name));
}

/** What comes after the last folder that is there. */
function unknownPart(path: string): string {
  for (let folder = dirname(path); folder !== "." && folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(folder)) return path.slice(folder.length);
  return path;
}

/** JSON and PEM in base64 begin alike, and so do tokens. */
function looksLikeSecret(name: string): boolean {
  if (/^(?:eyJ|ewo|LS0t)/.test(name) || /^[0-9a-f]{32,}$/i.test(name)) return true;
  return name.length >= longAsSecret && [/[a-z]/, /[A-Z]/, /[0-9]/].every((kind) => kind.test(name));
}
