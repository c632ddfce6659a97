import type { TreeEntry } from "../../model/images/tree.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { namesSecretFile } from "../dockerfile/credentials.ts";
import { type ImageFile, type ImageFileKind, type ImageFiles, mostImageFiles } from "./image-facts.ts";

const setIdBits = 0o6000;
const stickyBit = 0o1000;
const writableForAll = 0o002;

// Where distributions keep samples and test data, and the account files that each image has.
const sampleFolders = ["usr/share/", "usr/lib/", "usr/local/lib/", "lib/", "proc/", "sys/"];
const ownFiles = new Set(["etc/shadow", "etc/shadow-"]);
const repositories = new Set([".git", ".svn", ".hg", ".bzr", "CVS"]);
const leftOverNames = new Set([
  ".bash_history",
  ".ash_history",
  ".python_history",
  ".mysql_history",
  ".dockerignore",
  "Dockerfile",
  "docker-compose.yml",
  "docker-compose.yaml",
  "compose.yaml",
]);
const leftOverFolders = [
  "tmp/",
  "var/tmp/",
  "var/lib/apt/lists/",
  "var/cache/apt/archives/",
  "var/cache/apk/",
  "var/cache/dnf/",
  "var/cache/yum/",
  "var/cache/zypp/",
  "root/.cache/",
  "root/.npm/",
];

/**
 * Sorts the entries of an image's file system into {@link ImageFiles}: give it each path that is there when all layers
 * are joined.
 */
export class ImageFileCollector {
  readonly #files: Record<ImageFileKind, ImageFile[]> = { setId: [], worldWritable: [], secrets: [], leftOver: [] };
  readonly #truncated = new Set<ImageFileKind>();

  /** Adds an entry. */
  add({ path, type, mode, size }: Pick<TreeEntry, "path" | "type" | "mode" | "size">): void {
    const isFolder = type === "directory";
    const isFile = type === "file" || type === "hardlink";
    if (!isFolder && !isFile) return;
    const file = { path: `/${path}`, mode };
    if (isFile && (mode & setIdBits) !== 0) this.#keep("setId", file);
    if ((mode & writableForAll) !== 0 && !(isFolder && (mode & stickyBit) !== 0)) this.#keep("worldWritable", file);
    if (isFile && isSecret(path)) this.#keep("secrets", file);
    if (isFolder ? isRepository(path) : isLeftOver(path, size)) this.#keep("leftOver", file);
  }

  /** What was added, by path. */
  finish(): ImageFiles {
    const byPath = (kind: ImageFileKind): ImageFile[] =>
      this.#files[kind].toSorted((one, other) => compareText(one.path, other.path));
    return {
      setId: byPath("setId"),
      worldWritable: byPath("worldWritable"),
      secrets: byPath("secrets"),
      leftOver: byPath("leftOver"),
      truncated: [...this.#truncated].sort(),
    };
  }

  #keep(kind: ImageFileKind, file: ImageFile): void {
    if (this.#files[kind].length < mostImageFiles) this.#files[kind].push(file);
    else this.#truncated.add(kind);
  }
}

function isSecret(path: string): boolean {
  return !ownFiles.has(path) && !sampleFolders.some((folder) => path.startsWith(folder)) && namesSecretFile(path);
}

function isRepository(path: string): boolean {
  return repositories.has(path.slice(path.lastIndexOf("/") + 1));
}

function isLeftOver(path: string, size: number): boolean {
  if (size === 0 || sampleFolders.some((folder) => path.startsWith(folder))) return false;
  return (
    leftOverNames.has(path.slice(path.lastIndexOf("/") + 1)) ||
    leftOverFolders.some((folder) => path.startsWith(folder))
  );
}
