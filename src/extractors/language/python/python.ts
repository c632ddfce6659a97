import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { readEggMetadata } from "./egg.ts";
import { declaredLicenses, headerLimit, isProjectName, isProjectVersion, readHeaders } from "./metadata.ts";
import { packedMetadata } from "./zipapp.ts";

/**
 * Installed Python packages, from the metadata that installers leave beside the code:
 *
 * - `<name>-<version>.dist-info/METADATA` (wheels), or `PKG-INFO` there;
 * - `<name>.egg-info/PKG-INFO`, or `<name>.egg-info` as a file (setuptools and distutils);
 * - `<name>.egg/EGG-INFO/PKG-INFO` (eggs, unpacked or zipped);
 * - the same files in a program that is one archive with its dependencies inside (`.pex` of PEX, `.pyz` of shiv and
 *   zipapp).
 *
 * A wheel (`.whl`) that lies around is not installed: Python does not look into it, and what was installed from it has
 * its own metadata.
 *
 * The name is as the metadata writes it: `Flask_SQLAlchemy` is not yet normalised to `flask-sqlalchemy`.
 *
 * Source: PyPA specifications "Core metadata" and "Recording installed projects"; setuptools, "The Internal Structure
 * of Python Eggs".
 */
export const python: Extractor = {
  id: "language/python",
  revision: 4,
  files: [
    { suffix: ".dist-info/METADATA" },
    { suffix: ".dist-info/PKG-INFO" },
    { suffix: ".egg-info/PKG-INFO" },
    { suffix: ".egg-info" },
    { suffix: ".egg/EGG-INFO/PKG-INFO" },
    { suffix: ".egg" },
    { suffix: ".pex" },
    { suffix: ".pyz" },
  ],
  folders: [{ suffix: ".dist-info" }, { suffix: ".egg-info" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  if (/\.(?:pex|pyz)$/.test(file.path)) {
    yield* extractPacked(file, context);
    return;
  }
  const metadata = file.path.endsWith(".egg") ? readEggMetadata(file) : file;
  if (metadata === undefined) return;
  if ("code" in metadata) context.problem(metadata);
  else yield* read(metadata, { context, file });
}

/** The packages whose metadata lies in an archive. */
export function* extractPacked(file: OpenFile, context: Context): Generator<Extraction> {
  for (const packed of packedMetadata(file, context)) {
    if (packed.kind === "unread") yield packed;
    else yield* read(packed.file, { context, file, inside: packed.inside });
  }
}

/** Where metadata was found. */
interface Finding {
  readonly context: Context;
  readonly file: OpenFile;
  readonly inside?: string;
}

function* read(metadata: OpenFile, { context, file, inside }: Finding): Generator<Extraction> {
  const { problem } = context;
  const path = inside === undefined ? file.path : `${file.path}!/${inside}`;
  const { headers, complete } = readHeaders(metadata);
  const name = headers.get("name")?.[0];
  const version = headers.get("version")?.[0];
  if (name === undefined || version === undefined) {
    const missing = name === undefined ? "name" : "version";
    const message = complete
      ? `${path} has no ${missing}, so its package could not be identified`
      : `${path} has no ${missing} in its first ${headerLimit} bytes, so its package could not be identified`;
    problem({ code: complete ? "unreadable" : "limit-exceeded", message, path });
    return;
  }
  if (!isProjectName(name) || !isProjectVersion(version)) {
    const message = `${path} has an invalid name or version, so its package could not be identified`;
    problem({ code: "unreadable", message, path });
    return;
  }
  const licenses = declaredLicenses(headers);
  yield {
    kind: "package",
    package: {
      type: "pypi",
      name,
      version,
      ...(licenses.length > 0 ? { licenses } : {}),
      ...(inside === undefined ? {} : { inside }),
    },
  };
}
