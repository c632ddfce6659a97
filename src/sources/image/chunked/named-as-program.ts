import type { TreeEntry } from "../../../model/images/tree.ts";

/**
 * True for a file that calls itself a program or a library, by its mode or its name. Whatever runs without a hand more
 * does: the kernel wants the mode, the loaders of libraries mostly go by names.
 */
export function namedAsProgram({ path, mode }: TreeEntry): boolean {
  return (mode & 0o111) !== 0 || /\.(?:so|dll|exe|dylib|node|pyd)$|\.so\.[0-9.]{1,32}$/i.test(path);
}
