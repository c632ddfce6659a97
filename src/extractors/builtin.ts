import { cargoAuditable } from "./binary/cargo-auditable/cargo-auditable.ts";
import { go } from "./binary/go/go.ts";
import { unpackagedPrograms } from "./binary/programs/programs.ts";
import type { Extractor } from "./extractor.ts";
import { bitnami } from "./language/bitnami/bitnami.ts";
import { composer } from "./language/composer/composer.ts";
import { conda } from "./language/conda/conda.ts";
import { dotnet } from "./language/dotnet/dotnet.ts";
import { erlang } from "./language/erlang/erlang.ts";
import { gem } from "./language/gem/gem.ts";
import { java } from "./language/java/java.ts";
import { luarocks } from "./language/luarocks/luarocks.ts";
import { npm } from "./language/npm/npm.ts";
import { opam } from "./language/opam/opam.ts";
import { python } from "./language/python/python.ts";
import { pythonBundled } from "./language/python-bundled/python-bundled.ts";
import { r } from "./language/r/r.ts";
import { vscode } from "./language/vscode/vscode.ts";
import { yarnPnp } from "./language/yarn-pnp/yarn-pnp.ts";
import { apk } from "./os/apk/apk.ts";
import { chisel } from "./os/chisel/chisel.ts";
import { contentManifest } from "./os/content-manifest/content-manifest.ts";
import { dpkg } from "./os/dpkg/dpkg.ts";
import { dpkgDiversions } from "./os/dpkg-diversions/dpkg-diversions.ts";
import { dpkgFiles } from "./os/dpkg-files/dpkg-files.ts";
import { homebrew } from "./os/homebrew/homebrew.ts";
import { opkg } from "./os/opkg/opkg.ts";
import { osRelease } from "./os/os-release/os-release.ts";
import { pacman } from "./os/pacman/pacman.ts";
import { portage } from "./os/portage/portage.ts";
import { rpm } from "./os/rpm/rpm.ts";
import { rpmManifest } from "./os/rpm-manifest/rpm-manifest.ts";
import { snap } from "./os/snap/snap.ts";

/** Every extractor that Plimsoll has: the one list to add to. */
export const extractors: readonly Extractor[] = [
  osRelease,
  contentManifest,
  apk,
  dpkg,
  dpkgFiles,
  dpkgDiversions,
  rpm,
  rpmManifest,
  chisel,
  homebrew,
  opkg,
  pacman,
  portage,
  snap,
  cargoAuditable,
  go,
  unpackagedPrograms,
  bitnami,
  composer,
  conda,
  dotnet,
  erlang,
  gem,
  java,
  luarocks,
  npm,
  opam,
  python,
  pythonBundled,
  r,
  vscode,
  yarnPnp,
];
