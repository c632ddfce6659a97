import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { bundleProgram } from "./bundle-program.ts";

const root = resolve(import.meta.dirname, "../..");

/**
 * Makes what is published, `npm run build`: `dist/plimsoll.js` is the program, a small entry that loads the rest when a command needs
 * it; `dist/library` is the library with its declarations. `packageFolder` holds a copy of package.json when it is not the
 * checkout itself. Returns the path of `dist`. Throws when something does not compile or the package would not be sound.
 */
export async function build(packageFolder: string = root): Promise<string> {
  const output = join(packageFolder, "dist");
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  compileLibrary(join(output, "library"));
  writeFileSync(join(output, "licenses.txt"), licensesOf(await bundleProgram(root, output)));
  await checkPackage(packageFolder);
  return output;
}

function compileLibrary(folder: string): void {
  const tsc = fileURLToPath(new URL("lib/tsc.js", import.meta.resolve("typescript/package.json")));
  execFileSync(process.execPath, [tsc, "--project", join(root, "tsconfig.build.json"), "--outDir", folder], {
    stdio: "inherit",
  });
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".d.ts")) continue;
    // tsc rewrites the extension of an import in JavaScript only.
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, "utf8").replace(/(from |import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
  }
}

/** Of packages that state a licence and lack its file. */
const unfiledLicenses: Readonly<Record<string, string>> = {
  "@sigstore/verify":
    "Apache-2.0, Copyright 2023 The Sigstore Authors. The text of the licence is beside @sigstore/bundle.",
  "xz-decompress":
    "MIT, Copyright Tim Perry and Steven Sanderson. It contains XZ Embedded by Lasse Collin and Igor Pavlov, which is in the public domain.",
};

/** The licences of the packages whose code is in the bundle. */
function licensesOf(paths: readonly string[]): string {
  const folders = new Set(paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  return [...folders]
    .sort()
    .map((folder) => {
      const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      const { name: title, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const text = name === undefined ? unfiledLicenses[title] : readFileSync(join(folder, name), "utf8").trim();
      if (text === undefined) throw new Error(`${folder} is bundled and has no licence file`);
      return `${title} ${version}\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

async function checkPackage(folder: string): Promise<void> {
  const { messages, pkg } = await publint({ pkgDir: folder, pack: "npm", strict: true });
  if (messages.length === 0) return;
  const texts = messages.map((message) => formatMessage(message, pkg, { color: false }));
  throw new Error(`publint finds fault with the package:\n${texts.join("\n")}`);
}

if (import.meta.main) await build(process.argv[2] === undefined ? root : resolve(process.argv[2]));
