import { describeExtractor } from "../../conformance.ts";
import { pacman } from "./pacman.ts";

const desc = [
  ...["%NAME%", "lib-a", "", "%VERSION%", "1:5.3.1-1", "", "%BASE%", "a", "", "%DESC%", "words", "more", ""],
  ...["%ARCH%", "x86_64", "", "%LICENSE%", "MIT", "Zlib", "", "%DEPENDS%", "sh", ""],
].join("\n");
const files = ["%FILES%", "usr/", "usr/lib/", "usr/lib/liba.so", "", "%BACKUP%", "etc/a.conf\t0123", ""].join("\n");

describeExtractor(pacman, [
  {
    path: "var/lib/pacman/local/lib-a-1:5.3.1-1/desc",
    bytes: bytesOf(desc),
    expected: [
      {
        kind: "package",
        package: {
          ...{ type: "alpm", name: "lib-a", version: "1:5.3.1-1", architecture: "x86_64" },
          source: { name: "a", version: "1:5.3.1-1" },
          licenses: ["MIT", "Zlib"],
        },
      },
    ],
  },
  {
    path: "var/lib/pacman/local/lib-a-1:5.3.1-1/files",
    bytes: bytesOf(files),
    expected: [{ kind: "ownership", owner: { type: "alpm", name: "lib-a" }, paths: ["usr/lib/liba.so"] }],
  },
  { path: "backup/var/lib/pacman/local/a-1-1/desc", bytes: bytesOf(desc), expected: [] },
]);

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
