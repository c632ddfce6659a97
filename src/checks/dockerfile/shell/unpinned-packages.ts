import { hasOption } from "./invocation.ts";
import type { PackageCommand } from "./package-command.ts";

/** The packages of an installation that name no version. What a variable stands for is not known, and not listed. */
export function unpinnedPackages(command: PackageCommand): string[] {
  const { manager, packages, options } = command;
  if (manager === "gem" && hasOption(options, "-v", "--version")) return [];
  if (manager === "go" && packages.every((name) => isGoPath(name))) return [];
  return packages.filter((name) => !/[$`]/.test(name) && !isFile(name) && !isPinned(name, command));
}

function isPinned(name: string, { manager, program }: PackageCommand): boolean {
  switch (manager) {
    case "apk":
      return /[=~<>]/.test(name) || name.startsWith(".");
    case "apt":
      return name.includes("=") || name.endsWith("-") || name.includes("/");
    case "dnf":
      return /-\d/.test(name) || /[=<>]/.test(name) || name.startsWith("@") || name.startsWith("-");
    case "zypper":
      return /[=<>]/.test(name) || /-\d/.test(name) || name.startsWith("-") || name.startsWith("!");
    case "pip":
      return /[=~]=|@/.test(name);
    case "npm":
    case "yarn":
      return /^(?:@[^/@]+\/)?[^/@]+@(?!latest$|next$|\*$).+/.test(name) || /^git|#/.test(name);
    case "gem":
      return name.includes(":");
    case "go":
      return /@(?!latest$|upgrade$|none$).+/.test(name) || (program === "go" && isGoPath(name));
  }
}

/** A package of the module itself, or of Go. */
function isGoPath(name: string): boolean {
  return name.startsWith(".") || !name.includes(".") || name.startsWith("/");
}

function isFile(name: string): boolean {
  return (
    /^(?:\.{0,2}\/|https?:\/\/|file:|~\/)|^\.{1,2}$|\.(?:deb|rpm|apk|whl|tgz|gem|tar\.gz|zip|txt)$/.test(name) ||
    name === "*"
  );
}
