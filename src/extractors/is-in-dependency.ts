const dependencyFolders =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|vendor|go\/pkg\/mod|\.?cargo\/registry)\//;

/**
 * True for a path in a folder of installed packages. A file there that declares packages says what the package's makers
 * worked with, not what is used.
 */
export function isInDependency(path: string): boolean {
  return dependencyFolders.test(path);
}
