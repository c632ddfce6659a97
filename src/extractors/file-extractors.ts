import { cargoAuditable } from "./binary/cargo-auditable/cargo-auditable.ts";
import { go } from "./binary/go/go.ts";
import type { Extractor } from "./extractor.ts";
import { dotnet } from "./language/dotnet/dotnet.ts";
import { java } from "./language/java/java.ts";
import { python } from "./language/python/python.ts";
import { wheel } from "./language/wheel/wheel.ts";
import { bundlerLock } from "./lock/bundler/bundler.ts";
import { cargoLock } from "./lock/cargo/cargo.ts";
import { composerLock } from "./lock/composer/composer.ts";
import { goMod } from "./lock/go-mod/go-mod.ts";
import { gradleLock } from "./lock/gradle/gradle.ts";
import { npmLock } from "./lock/npm/npm.ts";
import { nugetLock } from "./lock/nuget/nuget.ts";
import { pipfileLock } from "./lock/pipfile/pipfile.ts";
import { pnpmLock } from "./lock/pnpm/pnpm.ts";
import { pythonLock } from "./lock/python/python.ts";
import { requirements } from "./lock/requirements/requirements.ts";
import { yarnLock } from "./lock/yarn/yarn.ts";

/** The extractors of files that declare packages, which are read in a repository and as targets themselves. */
export const lockExtractors: readonly Extractor[] = [
  bundlerLock,
  cargoLock,
  composerLock,
  goMod,
  gradleLock,
  npmLock,
  nugetLock,
  pipfileLock,
  pnpmLock,
  pythonLock,
  requirements,
  yarnLock,
];

/** The extractors of formats that are not read in images. */
export const extractorsOfFilesAlone: readonly Extractor[] = [wheel, ...lockExtractors];

/** Every extractor that reads a file that is the target itself. */
export const fileExtractors: readonly Extractor[] = [
  cargoAuditable,
  go,
  dotnet,
  java,
  python,
  ...extractorsOfFilesAlone,
];
