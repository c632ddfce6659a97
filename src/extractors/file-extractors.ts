import { cargoAuditable } from "./binary/cargo-auditable/cargo-auditable.ts";
import { go } from "./binary/go/go.ts";
import { unpackagedPrograms } from "./binary/programs/programs.ts";
import type { Extractor } from "./extractor.ts";
import { dotnet } from "./language/dotnet/dotnet.ts";
import { java } from "./language/java/java.ts";
import { python } from "./language/python/python.ts";
import { wheel } from "./language/wheel/wheel.ts";
import { bunLock } from "./lock/bun/bun.ts";
import { bundlerLock } from "./lock/bundler/bundler.ts";
import { cabalFreeze } from "./lock/cabal/cabal.ts";
import { cargoLock } from "./lock/cargo/cargo.ts";
import { cocoapodsLock } from "./lock/cocoapods/cocoapods.ts";
import { composerLock } from "./lock/composer/composer.ts";
import { conanLock } from "./lock/conan/conan.ts";
import { condaEnvironment } from "./lock/conda-environment/conda-environment.ts";
import { condaLock } from "./lock/conda-lock/conda-lock.ts";
import { cpanSnapshot } from "./lock/cpan/cpan.ts";
import { denoLock } from "./lock/deno/deno.ts";
import { githubActions } from "./lock/github-actions/github-actions.ts";
import { goMod } from "./lock/go-mod/go-mod.ts";
import { gradleLock } from "./lock/gradle/gradle.ts";
import { gradleCatalog } from "./lock/gradle-catalog/gradle-catalog.ts";
import { juliaManifest } from "./lock/julia/julia.ts";
import { luarocksLock } from "./lock/luarocks/luarocks.ts";
import { mavenPom } from "./lock/maven/maven.ts";
import { mixLock } from "./lock/mix/mix.ts";
import { npmLock } from "./lock/npm/npm.ts";
import { nugetLock } from "./lock/nuget/nuget.ts";
import { nugetAssets } from "./lock/nuget-assets/nuget-assets.ts";
import { nugetConfig } from "./lock/nuget-config/nuget-config.ts";
import { opamLock } from "./lock/opam/opam.ts";
import { paketLock } from "./lock/paket/paket.ts";
import { pipfileLock } from "./lock/pipfile/pipfile.ts";
import { pnpmLock } from "./lock/pnpm/pnpm.ts";
import { pubLock } from "./lock/pub/pub.ts";
import { pythonLock } from "./lock/python/python.ts";
import { rebarLock } from "./lock/rebar/rebar.ts";
import { renvLock } from "./lock/renv/renv.ts";
import { requirements } from "./lock/requirements/requirements.ts";
import { sbtLock } from "./lock/sbt/sbt.ts";
import { stackLock } from "./lock/stack/stack.ts";
import { swiftResolved } from "./lock/swift/swift.ts";
import { terraformLock } from "./lock/terraform/terraform.ts";
import { yarnLock } from "./lock/yarn/yarn.ts";

/** The extractors of files that declare packages, which are read in a repository and as targets themselves. */
export const lockExtractors: readonly Extractor[] = [
  bundlerLock,
  bunLock,
  cabalFreeze,
  cargoLock,
  cocoapodsLock,
  composerLock,
  conanLock,
  condaEnvironment,
  condaLock,
  cpanSnapshot,
  denoLock,
  githubActions,
  goMod,
  gradleCatalog,
  gradleLock,
  juliaManifest,
  luarocksLock,
  mavenPom,
  mixLock,
  npmLock,
  nugetAssets,
  nugetConfig,
  nugetLock,
  opamLock,
  paketLock,
  pipfileLock,
  pnpmLock,
  pubLock,
  pythonLock,
  rebarLock,
  renvLock,
  requirements,
  sbtLock,
  stackLock,
  swiftResolved,
  terraformLock,
  yarnLock,
];

/** The extractors of formats that are not read in images. */
export const extractorsOfFilesAlone: readonly Extractor[] = [wheel, ...lockExtractors];

/** Every extractor that reads a file that is the target itself. */
export const fileExtractors: readonly Extractor[] = [
  cargoAuditable,
  go,
  unpackagedPrograms,
  dotnet,
  java,
  python,
  ...extractorsOfFilesAlone,
];
