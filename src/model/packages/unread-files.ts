import type { PackageType } from "./package.ts";

/**
 * Kind of statement that files make about packages: packages that are installed, or packages that are only declared.
 * Where packages are installed, a file that declares some usually lies beside them.
 */
export type UnreadKind = "installed" | "declared";

/** A format of files with packages in them that no extractor reads. Data only: it is part of every cache key. */
export interface UnreadFormat {
  /** The ecosystem of the packages, as a sentence names it: `conda`, `Erlang/OTP`. Several formats may share it. */
  readonly packagesOf: string;
  readonly kind: UnreadKind;
  /** What the packages would be. */
  readonly type: PackageType;
  /**
   * The files, as paths whose names are parted by `/`. A `*` stands for a whole folder's name, or for the start of the
   * file's. A path that begins with `/` is one from the root; any other may lie in any folder.
   */
  readonly files: readonly string[];
}

/** The files of such formats that were seen in a target. */
export interface UnreadFiles {
  /** See {@link UnreadFormat.packagesOf}. */
  readonly packagesOf: string;
  readonly kind: UnreadKind;
  /** How many files there are. */
  readonly files: number;
  /** Where the first of them lie, from the root without a leading slash, sorted. */
  readonly paths: readonly string[];
}
