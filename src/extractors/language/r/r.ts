import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { readHeaders } from "../python/metadata.ts";
import { isWord } from "../read-json.ts";

/**
 * Installed packages of R, from the `DESCRIPTION` in the folder of each: what R installs gets a field `Built`, which
 * sources have not; what lies in a `library` or `site-library` and names a package counts without it. The version is as
 * CRAN has it.
 *
 * In a folder where R alone installs (`site-library`, `R/library`) a `DESCRIPTION` that names no package is damaged,
 * and a problem.
 *
 * Not packages: the parts of R itself (`Priority: base`), which are not on CRAN. Packages of Bioconductor are reported
 * as seen and not read, because no type of package URL names them: those that state where they are from, and otherwise
 * those with `biocViews`. CRAN and its mirrors (`Repository: RSPM`) have packages with that field too.
 *
 * Source: "Writing R Extensions", section "The DESCRIPTION file"; R, `tools:::.install_packages`.
 */
export const r: Extractor = {
  id: "language/r",
  revision: 3,
  files: [{ basename: "DESCRIPTION" }],
  extract,
};

const inLibrary = /(?:^|\/)(?:site-)?library\/[^/]+\/DESCRIPTION$/;
const inLibraryOfR = /(?:^|\/)(?:site-library|R(?:-[\d.]+)?\/(?:[^/]+\/)?library)\/[^/]+\/DESCRIPTION$/;
const packageName = /^[A-Za-z][A-Za-z0-9.]{0,255}$/;

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path } = file;
  const { headers } = readHeaders(file);
  const field = (key: string): string | undefined => headers.get(key)?.[0];
  const [name, version, license] = [field("package"), field("version"), field("license")];
  const isInstalled =
    field("built") !== undefined || inLibraryOfR.test(path) || (name !== undefined && inLibrary.test(path));
  if (!isInstalled || field("priority") === "base") return;
  if (isBioconductor(field)) {
    yield { kind: "unread", format: { packagesOf: "Bioconductor", kind: "installed", type: "cran" } };
  } else if (name !== undefined && packageName.test(name) && isWord(version)) {
    const licenses = license && !license.includes("\n") ? { licenses: [license] } : {};
    yield { kind: "package", package: { type: "cran", name, version, ...licenses } };
  } else {
    const message = `${path} has no valid name or version, so its package could not be identified`;
    problem({ code: "unreadable", message, path });
  }
}

function isBioconductor(field: (key: string) => string | undefined): boolean {
  const repository = field("repository");
  if (field("git_url")?.startsWith("https://git.bioconductor.org/") || repository?.startsWith("Bioconductor"))
    return true;
  return repository === undefined && field("biocviews") !== undefined;
}
