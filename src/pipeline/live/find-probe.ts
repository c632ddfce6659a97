import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { PlimsollError } from "../../model/error.ts";

const name = "plimsoll-probe";
/** Where packages of distributions put programs that are not for people to start. */
const systemFolder = "/usr/libexec/plimsoll";

/**
 * The path of the helper that loads the probe: the one that is given, else the one beside this program, else that of
 * the system. Error: `probe-unavailable`.
 */
export function findProbe(given: string | undefined): string {
  if (process.platform !== "linux") {
    throw new PlimsollError("probe-unavailable", "live events are only available on Linux", {
      hint: "Use --capture FILE, or another source.",
    });
  }
  const places = given === undefined ? [join(packageFolder(), "probe/build", name), join(systemFolder, name)] : [given];
  const found = places.find(isProgram);
  if (found !== undefined) return found;
  throw new PlimsollError("probe-unavailable", `there is no probe at ${places.join(" or ")}`, {
    hint: "Build it with `npm run build:probe`, or name it with --probe FILE.",
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder of the package that this module is a part of. */
function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
