import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

// npm run image: writes the root file system of the container image to dist/image, for the Dockerfile. It consists of the
// built program, the Node.js that runs this file, and the libraries of this Debian or Ubuntu system that Node.js loads.

const root = resolve(import.meta.dirname, "../..");
const programFolder = "usr/lib/plimsoll";
/** The user of the image; also in the Dockerfile. */
const userId = 65532;

/** Writes the file system of the image to `folder`, from the package that is built in `packageFolder`. */
export function stageImage(folder: string, packageFolder: string = root): void {
  rmSync(folder, { recursive: true, force: true });
  stageProgram(join(folder, programFolder), packageFolder);
  stageNode(folder);
  for (const library of librariesOf(process.execPath)) stageLibrary(folder, library);
  stageAccounts(folder);
}

function stageProgram(folder: string, packageFolder: string): void {
  const { files } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
    files: readonly string[];
  };
  const documents = files.filter((name) => name.startsWith("docs/"));
  for (const name of ["dist/plimsoll.js", "dist/program", "dist/licenses.txt", "data", ...documents]) {
    cpSync(join(packageFolder, name), join(folder, name), { recursive: true });
  }
  for (const name of ["package.json", "LICENSE"]) copyFileSync(join(packageFolder, name), join(folder, name));
}

function stageNode(folder: string): void {
  installFile(process.execPath, join(folder, "usr/bin/node"));
  const license = join(dirname(process.execPath), "../LICENSE");
  installFile(license, join(folder, "usr/share/doc/nodejs/LICENSE"));
}

/** Copies a library, its licence and the record of its package, which shows a scanner its version. */
function stageLibrary(folder: string, path: string): void {
  installFile(path, join(folder, path));
  const owner = ownerOf(path);
  const name = owner.replace(/:.*/, "");
  const record = execFileSync("dpkg-query", ["--status", owner], { encoding: "utf8" });
  writeFile(join(folder, "var/lib/dpkg/status.d", name), record);
  installFile(`/usr/share/doc/${name}/copyright`, join(folder, "usr/share/doc", name, "copyright"));
}

function stageAccounts(folder: string): void {
  const passwd = `root:x:0:0:root:/:/nonexistent\nplimsoll:x:${userId}:${userId}:Plimsoll:/home/plimsoll:/nonexistent\n`;
  writeFile(join(folder, "etc/passwd"), passwd);
  writeFile(join(folder, "etc/group"), `root:x:0:\nplimsoll:x:${userId}:\n`);
  installFile("/etc/os-release", join(folder, "etc/os-release"));
  chmodSync(join(folder, "etc/os-release"), 0o644);
  mkdirSync(join(folder, "tmp"));
  chmodSync(join(folder, "tmp"), 0o1777);
}

/** The libraries that a program loads, by the paths at which it looks for them. */
function librariesOf(program: string): string[] {
  const lines = execFileSync("ldd", [program], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => /(?:=>\s+)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? []);
}

/** The dpkg package that owns a library. With merged `/usr`, dpkg records some paths without `/usr`. */
function ownerOf(path: string): string {
  for (const candidate of [path, realpathSync(path), realpathSync(path).replace(/^\/usr/, "")]) {
    try {
      const found = execFileSync("dpkg-query", ["--search", candidate], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      const owner = /^(\S+): /.exec(found)?.[1];
      if (owner !== undefined) return owner;
    } catch {
      // dpkg-query fails for a path that it does not know.
    }
  }
  throw new Error(`no dpkg package owns ${path}; the image is built on Debian or Ubuntu`);
}

function installFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (import.meta.main) stageImage(join(root, "dist/image"));
