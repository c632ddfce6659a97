import type { Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";
import { isPackage, rpmPackage } from "../rpm-package.ts";

// The package list of images without rpm, one line per package, with tabs between ten columns: name, version-release,
// install time, build time, vendor, epoch or "(none)", size, architecture, epoch as a number, file name of the source
// package. Source: the distroless images of CBL-Mariner and Azure Linux, which write it with `rpm -qa --qf`.

const columnCount = 10;

/** Reads the packages of distroless CBL-Mariner and Azure Linux images. */
export const rpmManifest: Extractor = {
  id: "os/rpm-manifest",
  revision: 1,
  files: [{ path: "var/lib/rpmmanifest/container-manifest-2" }],
  *extract(file, context) {
    const text = readText(file, context);
    if (text === undefined) return;
    const broken = damage(file, context, "line");
    for (const line of text.split("\n")) {
      if (line.trim() === "") continue;
      const columns = line.trimEnd().split("\t").map(stated);
      const [name, version, , , vendor, epoch, , architecture, , sourceRpm] = columns;
      if (columns.length !== columnCount) broken.note(`it has ${columns.length} of ${columnCount} columns`);
      else if (!name || !version) broken.note("it has no name or version");
      else if (epoch !== undefined && !/^\d{1,10}$/.test(epoch)) broken.note(`the epoch of ${name} is not a number`);
      else if (isPackage(name)) {
        const found = rpmPackage({
          name,
          version,
          epoch: epoch === undefined ? undefined : Number(epoch),
          architecture,
          vendor,
          sourceRpm,
          license: undefined,
          modularityLabel: undefined,
        });
        yield { kind: "package", package: found };
      }
    }
    broken.report();
  },
};

/** rpm writes `(none)` for a tag that a package lacks. */
function stated(column: string): string | undefined {
  return column === "" || column === "(none)" ? undefined : column;
}
