import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../read-json.ts";

/** The element stands near the start. */
const searched = 64 * 1024;

/**
 * The extensions of VS Code that are installed, as in images for development: each has a `.vsixmanifest` whose element
 * `Identity` names publisher, name and version.
 *
 * Source: the VSIX manifest schema, `PackageManifest/Metadata/Identity`.
 */
export const vscode: Extractor = {
  id: "language/vscode",
  revision: 1,
  files: [{ basename: ".vsixmanifest" }],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path, size } = file;
  const text = new TextDecoder().decode(file.read(0, Math.min(size, searched)));
  const start = text.indexOf("<Identity ");
  const end = text.indexOf(">", start);
  const element = start < 0 || end < 0 ? "" : text.slice(start, end);
  const attribute = (name: string): string | undefined => element.split(`${name}="`)[1]?.split('"')[0];
  const [publisher, name, version] = [attribute(" Publisher"), attribute(" Id"), attribute(" Version")];
  if (isWord(publisher) && isWord(name) && isWord(version)) {
    yield { kind: "package", package: { type: "vscode-extension", name: `${publisher}.${name}`, version } };
    return;
  }
  const message = `${path} has no valid publisher, name or version, so its package could not be identified`;
  problem({ code: "unreadable", message, path });
}
