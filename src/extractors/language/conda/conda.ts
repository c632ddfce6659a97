import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../read-json.ts";

const place = /(?:^|\/)conda-meta\/[^/]+\.json$/;

/**
 * Reads the packages of a conda environment: each has a record in its folder `conda-meta`. Source: conda, "Package
 * metadata".
 */
export const conda: Extractor = {
  id: "language/conda",
  revision: 1,
  files: [{ suffix: ".json", containing: "conda-meta/" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  if (!place.test(path)) return;
  const record = readJson(file, context);
  if (record === undefined) return;
  const { name, version, license, subdir, build, channel } = isJsonObject(record) ? record : {};
  if (!isWord(name) || !isWord(version)) {
    const message = `${path} has no valid name or version, so its package could not be identified`;
    context.problem({ code: "unreadable", message, path });
    return;
  }
  const qualifiers = {
    ...(isWord(build) && { build }),
    ...(isWord(channel) && { channel: withoutSecrets(channel) }),
    ...(isWord(subdir) && { subdir }),
  };
  yield {
    kind: "package",
    package: {
      type: "conda",
      name,
      version,
      ...(typeof license === "string" && license !== "" && { licenses: [license] }),
      ...(Object.keys(qualifiers).length > 0 && { qualifiers }),
    },
  };
}

/** The address of a channel may hold a password, or a token as in `/t/<token>/`. */
function withoutSecrets(channel: string): string {
  return channel.replace(/^https?:\/\/(?:[^/]*@)?/, "").replace(/(^|\/)t\/[^/]+\//, "$1");
}
