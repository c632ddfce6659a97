import { debPackage, statusRecords } from "../../../io/documents/dpkg-status.ts";
import type { Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

// Images without dpkg (distroless) have one file per package in status.d, where no Status line is needed.

const statusFolder = "var/lib/dpkg/status.d";

/** Files that lie beside the records in status.d: the other control files of a package, which are not records. */
const otherControlFile: RegExp =
  /\.(?:list|md5sums|preinst|postinst|prerm|postrm|conffiles|triggers|shlibs|symbols|templates|config|copyright)$/;

/** Reads the installed packages of Debian, Ubuntu and their relatives from the database of dpkg. */
export const dpkg: Extractor = {
  id: "os/dpkg",
  revision: 6,
  files: [{ path: "var/lib/dpkg/status" }, { directory: statusFolder }],
  *extract(file, context) {
    const single = file.path.startsWith(`${statusFolder}/`);
    if (single && otherControlFile.test(file.path)) return;
    const text = readText(file, context);
    if (text === undefined) return;
    const broken = damage(file, context, "record");
    const note = (reason: string): void => broken.note(reason);
    for (const record of statusRecords(text, note)) {
      const found = debPackage(record, { single, note });
      if (found) yield { kind: "package", package: found };
    }
    broken.report();
  },
};
