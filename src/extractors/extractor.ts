import type { FoundMalware } from "../model/findings/malware.ts";
import type { FoundSecret } from "../model/findings/secret.ts";
import type { FilePattern, OpenFile } from "../model/images/file.ts";
import type { Distribution } from "../model/packages/distribution.ts";
import type { FoundPackage, PackageOwner } from "../model/packages/package.ts";
import type { UnreadFormat } from "../model/packages/unread-files.ts";
import type { Context, Plugin } from "../model/plugin.ts";

/** One fact that an extractor reads from a file. */
export type Extraction =
  /**
   * A package; where the file only lists it, with the `location` (a file or a folder, as a path from the root) without
   * which it is not installed. The location is null for one outside the tree.
   */
  | { readonly kind: "package"; readonly package: FoundPackage; readonly location?: string | null }
  /** These files (paths from the root, no leading slash) belong to this package of a distribution. */
  | { readonly kind: "ownership"; readonly owner: PackageOwner; readonly paths: readonly string[] }
  /**
   * What packages of a distribution have at this path lies at another one instead, except what the package `by` has;
   * paths as those of an ownership.
   */
  | { readonly kind: "diversion"; readonly path: string; readonly to: string; readonly by?: string }
  | { readonly kind: "distribution"; readonly distribution: Distribution }
  /**
   * The repositories from which a step of the build took packages, as {@link Distribution.repositories}; those of all
   * files count.
   */
  | { readonly kind: "repositories"; readonly repositories: readonly string[] }
  /** A secret in the file, which also counts where a later layer removes the file. */
  | { readonly kind: "secret"; readonly secret: FoundSecret }
  /** The file is malicious, which also counts where a later layer removes it. */
  | { readonly kind: "malware"; readonly malware: FoundMalware }
  /**
   * The file at this path is not whole without this one: it is read once more with this one as its
   * {@link OpenFile.completedBy}.
   */
  | { readonly kind: "completes"; readonly path: string }
  /**
   * The file holds or declares packages, in a format that nothing reads. The walk yields it by the file's name; an
   * extractor, for a part of its files.
   */
  | { readonly kind: "unread"; readonly format: Omit<UnreadFormat, "files"> };

/**
 * Reads one format. Given the bytes of one file that matches `files`, yields what is in it, always in the same order
 * for the same bytes, and touches nothing else. Damaged input is a `context.problem` and ends or shortens the output;
 * it is never a throw, a hang or memory without a bound.
 */
export interface Extractor extends Plugin {
  readonly files: readonly FilePattern[];
  /**
   * Names, or ends of names, of folders that say what the files in them are. A symbolic link of such a name is followed
   * to a folder of another one, whose files are then read under the name of the link. Those of `files` that are a
   * `directory` say it anyway.
   */
  readonly folders?: readonly ({ readonly basename: string } | { readonly suffix: string })[];
  extract(file: OpenFile, context: Context): Iterable<Extraction>;
}
