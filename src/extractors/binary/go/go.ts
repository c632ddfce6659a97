import type { OpenFile } from "../../../model/images/file.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import { goRelease } from "../../../versions/go-release.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { readElf } from "../executable/elf.ts";
import { type ByteSource, type Executable, readExactly } from "../executable/executable.ts";
import { executableMagics } from "../executable/executable-magics.ts";
import { isPackedByUpx } from "../executable/is-packed.ts";
import { firstOfUniversal, readMachO } from "../executable/mach-o.ts";
import { readPe } from "../executable/pe.ts";
import { readBuildInfo } from "./build-info.ts";
import { readLinkedPackages } from "./linked-packages.ts";
import { type GoModule, type GoProgram, parseProgram } from "./modules.ts";

/**
 * The Go modules inside a Go program, from the build information that Go's linker leaves in ELF, PE and Mach-O files
 * (in universal ones: in the first):
 *
 * - `stdlib` with the Go release (`1.21.3`), the name under which the Go vulnerability database keeps the standard
 *   library; of a development version of Go, and of any other that is not a release, with that version
 *   (`go1.26-devel_12ab34cd`, `devel go1.23-1cc49c13c0`, `unknown`), which has no place among the releases;
 * - the main module, with the version that the linker recorded, `(devel)` when it knew none;
 * - each module that the program is built from. A replaced module gives its replacement; a replacement by a folder
 *   gives nothing.
 *
 * Each with the packages of which the program holds code, as its table of functions says, and with the system and the
 * processor for which the program was built.
 *
 * A module in a form that none has is a problem, and so is an ELF program that UPX packed, whatever it was built from.
 * Programs that are not from Go or had the information removed give nothing.
 *
 * Source: the Go distribution, debug/buildinfo: the same modules as `go version -m`.
 */
export const go: Extractor = {
  id: "binary/go",
  revision: 7,
  files: [
    {
      // A program that does nothing and has no symbols: over 1 MB with Go 1.26, 0.8 MB with 1.21.
      smallest: 512 * 1024,
      magic: executableMagics,
    },
  ],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path } = file;
  if (isPackedByUpx(file)) {
    const message = `${path} is packed with UPX, so its modules could not be identified`;
    problem({ code: "unreadable", message, path });
    return;
  }
  const executable = readExecutable(file);
  const info = executable && readBuildInfo(executable);
  if (executable === undefined || info === undefined) return;
  if (info === "damaged") {
    const message = `${path} is a Go program whose build information is damaged, so its modules could not be identified`;
    problem({ code: "unreadable", message, path });
  } else if (info === "too long") {
    const message = `${path} is a Go program whose build information is over the limit, so its modules could not be identified`;
    problem({ code: "limit-exceeded", message, path });
  } else {
    const program = parseProgram(info.modules);
    for (const found of packagesOf({ goVersion: info.goVersion, program }, executable))
      yield { kind: "package", package: found };
    if (program.malformed === 0) return;
    const message = `${path} is a Go program with modules that could not be identified because they are malformed: ${program.malformed}`;
    problem({ code: "unreadable", message, path });
  }
}

function readExecutable(source: ByteSource): Executable | undefined {
  const magic = readExactly(source, 0, 4)?.readUInt32BE(0);
  if (magic === undefined) return undefined;
  if (magic === 0x7f454c46) return readElf(source);
  if (magic >>> 16 === 0x4d5a) return readPe(source);
  if (magic === 0xcafebabe) {
    const first = firstOfUniversal(source);
    return first && readMachO(first);
  }
  return readMachO(source);
}

function* packagesOf(
  { goVersion, program }: { readonly goVersion: string; readonly program: GoProgram },
  executable: Executable,
): Generator<FoundPackage> {
  const linked = readLinkedPackages(executable, program);
  const builtFor = platformOf(program, executable);
  const foundPackage = ({ path, version }: GoModule, linkedPackages: readonly string[] | undefined): FoundPackage => ({
    type: "golang",
    name: path,
    version,
    ...(linkedPackages && { linkedPackages }),
    ...(builtFor !== undefined && { builtFor }),
  });
  yield foundPackage({ path: "stdlib", version: libraryVersion(goVersion) }, linked?.standard);
  for (const [index, module] of program.modules.entries()) {
    const found = foundPackage(module, linked?.byModule.get(module.path));
    yield index === 0 && module.path === program.mainModule ? { ...found, mainModule: true } : found;
  }
}

/** What the build recorded goes first; a program from before Go 1.18 tells by its form. */
function platformOf(program: GoProgram, executable: Executable): string | undefined {
  const system = program.system ?? executable.system;
  const processor = program.processor ?? executable.processor;
  return system === undefined || processor === undefined ? system : `${system}/${processor}`;
}

const longestVersion = 100;

/**
 * The Go release of a version that the linker wrote, as `goRelease` tells it: what follows it names experiments, or who
 * built that Go. A version of another form stays as it is, without what cannot be printed: of a development version its
 * first words.
 */
function libraryVersion(goVersion: string): string {
  const release = /^go\d+\./.test(goVersion) ? goRelease(goVersion) : undefined;
  const development = /^(?:devel |go\d)[!-~]{1,100}/.exec(goVersion)?.[0];
  return (
    release ??
    development ??
    (goVersion
      .replace(/[^!-~]+/g, " ")
      .trim()
      .slice(0, longestVersion) ||
      "unknown")
  );
}
