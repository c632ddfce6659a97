import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { runProgram } from "./content-folder.ts";

/** A layer as files on disk. */
export interface BenchLayer {
  /** The plain tar, unless it is made for registries alone, and its gzip. */
  readonly tar: string;
  readonly gzip: string;
  /** Bytes of each. */
  readonly size: number;
  readonly packedSize: number;
  /** `sha256:…` of the tar, and of its gzip. */
  readonly diffId: string;
  readonly digest: string;
}

/** What a layer is made of: files of one or more folders, each at a place in the layer. */
export interface LayerContent {
  readonly name: string;
  readonly parts: readonly LayerPart[];
  /** True to keep its gzip alone. */
  readonly isPackedOnly?: boolean;
}

/** Some files of a folder. */
export interface LayerPart {
  readonly folder: string;
  /** Where the folder lies in the layer: `srv/app`; its root unless given. */
  readonly at?: string;
  /** Paths in the folder, those of folders with all that is in them unless `alone`; everything unless given. */
  readonly paths?: readonly string[];
  /** True when the paths name all entries one by one. */
  readonly alone?: boolean;
}

/** A fixed time, so that the same content is the same layer. */
const modified = "@1760000000";

/** Makes a layer below `folder`, or takes the one that an earlier run left. */
export function makeLayer(folder: string, content: LayerContent): BenchLayer {
  const layers = join(folder, "layers");
  const [tar, gzip, record] = [".tar", ".tar.gz", ".json"].map((ending) => join(layers, `${content.name}${ending}`));
  if (tar === undefined || gzip === undefined || record === undefined) throw new Error("three names");
  if (existsSync(record)) return { tar, gzip, ...JSON.parse(readFileSync(record, "utf8")) };
  mkdirSync(layers, { recursive: true });
  content.parts.forEach((part, index) => {
    addPart(tar, part, index === 0 ? "--create" : "--append");
  });
  runProgram("gzip", ["-6", "--no-name", "--keep", "--force", tar]);
  const facts = {
    size: statSync(tar).size,
    packedSize: statSync(gzip).size,
    diffId: digestOfFile(tar),
    digest: digestOfFile(gzip),
  };
  if (content.isPackedOnly) rmSync(tar);
  writeFileSync(`${record}.unfinished`, JSON.stringify(facts));
  renameSync(`${record}.unfinished`, record);
  return { tar, gzip, ...facts };
}

function addPart(tar: string, { folder, at, paths, alone }: LayerPart, mode: "--create" | "--append"): void {
  const names = paths ?? readdirSync(folder).sort();
  const place = at === undefined ? "" : `${at}/`;
  runProgram(
    "tar",
    [
      ...[mode, "--file", tar, "--format=gnu", "--sort=name", `--mtime=${modified}`],
      ...["--owner=0", "--group=0", "--numeric-owner", `--directory=${folder}`],
      // Names alone, not where symbolic links lead.
      ...(place ? [`--transform=flags=rh;s,^,${place},`] : []),
      ...[...(alone ? ["--no-recursion"] : []), "--null", "--verbatim-files-from", "--files-from=-"],
    ],
    { input: names.join("\0") },
  );
}

/** `sha256:…` of a file. */
function digestOfFile(path: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1024 * 1024);
  const file = openSync(path, "r");
  try {
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece))
      hash.update(piece.subarray(0, count));
  } finally {
    closeSync(file);
  }
  return `sha256:${hash.digest("hex")}`;
}
