import type { Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

const place = /(?:^|\/)snap\/[^/]+\/[^/]+\/meta\/snap\.yaml$/;

/** Reads the snaps that are unpacked or mounted in `snap/<name>/<revision>`. Source: Snapcraft, "snap.yaml". */
export const snap: Extractor = {
  id: "os/snap",
  revision: 1,
  files: [{ suffix: "/meta/snap.yaml" }],
  *extract(file, context) {
    if (!place.test(file.path)) return;
    const text = readText(file, context);
    if (text === undefined) return;
    const [name, version] = [field(text, "name"), field(text, "version")];
    if (name !== undefined && version !== undefined) {
      yield { kind: "package", package: { type: "snap", name, version } };
      return;
    }
    const broken = damage(file, context, "record");
    broken.note("it has no name or no version");
    broken.report();
  },
};

/** A field of the top level, whose value is one word. */
function field(text: string, key: string): string | undefined {
  const start = text.startsWith(`${key}:`) ? 0 : text.indexOf(`\n${key}:`) + 1;
  if (!text.startsWith(`${key}:`, start)) return undefined;
  const [line = ""] = text.slice(start + key.length + 1, start + 300).split("\n");
  return /^["']?([\w+.~:-]{1,200})["']?$/.exec((line.split(" #")[0] ?? "").trim())?.[1];
}
