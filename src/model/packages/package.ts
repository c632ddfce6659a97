/**
 * The package types that Plimsoll knows: those of the package-URL specification and its drafts; `k8s` as Trivy writes
 * it for the parts of a cluster; `snap` and `terraform` as Syft writes them.
 */
export type PackageType =
  | "alpm"
  | "apk"
  | "bitnami"
  | "brew"
  | "cargo"
  | "cocoapods"
  | "composer"
  | "conan"
  | "conda"
  | "cpan"
  | "cran"
  | "deb"
  | "ebuild"
  | "gem"
  | "generic"
  | "github"
  | "golang"
  | "hackage"
  | "hex"
  | "julia"
  | "k8s"
  | "luarocks"
  | "maven"
  | "npm"
  | "nuget"
  | "opam"
  | "opkg"
  | "pub"
  | "pypi"
  | "rpm"
  | "snap"
  | "swift"
  | "terraform"
  | "vscode-extension";

/** The source package from which a distribution built a binary package. */
export interface SourcePackage {
  readonly name: string;
  readonly version: string;
}

/** What a lock file, or another file that declares packages, says of one of them. */
export interface PackageDeclaration {
  /** The line on which its entry begins, counted from 1. */
  readonly line?: number;
  /** Whether the project itself asks for the package or only other packages do; absent when the file does not say. */
  readonly relation?: "direct" | "transitive";
  /** True for a package that only development, tests or builds need. */
  readonly development?: true;
  /** The packages that it needs, each as `name@version` of a package of the same file. */
  readonly requires?: readonly string[];
}

/** A package as an extractor finds it, before anyone knows in which layer and distribution. */
export interface FoundPackage {
  readonly type: PackageType;
  /** As the ecosystem writes it: `@scope/name` for npm, `group:artifact` for Maven, the module path for Go. */
  readonly name: string;
  /**
   * As the ecosystem writes it; for deb and rpm with the epoch when there is one (`1:2.3-4`). Empty only where nothing
   * tells that of a Java archive.
   */
  readonly version: string;
  /** The distribution's word for it: `amd64`, `x86_64`, `noarch`. */
  readonly architecture?: string;
  readonly source?: SourcePackage;
  /** Licence expressions or names, as declared. */
  readonly licenses?: readonly string[];
  /**
   * The vendor of the package, when its database states one: the vendor of an rpm (`Red Hat, Inc.`), the maintainer of
   * a deb.
   */
  readonly vendor?: string;
  /** The module stream of a modular rpm: `nodejs:18`. */
  readonly module?: string;
  /**
   * For a Go module in a program: the import paths of its packages of which the program holds code, sorted. Absent when
   * that is not known; empty when it holds no code of any. Reports do not print it.
   */
  readonly linkedPackages?: readonly string[];
  /**
   * For a Go module in a program: the system, and the processor where it is known, for which the program was built, in
   * Go's words: `linux/amd64`, `windows`. Absent when that is not known. Reports do not print it.
   */
  readonly builtFor?: string;
  /**
   * True for the main module of a Go program, whose version its builder's working copy told and no registry. Reports do
   * not print it.
   */
  readonly mainModule?: true;
  /**
   * True for the project itself, which no registry need have: what an SBOM is about and does not list, and an
   * application with its own npm manifest. Reports do not print it.
   */
  readonly ownProject?: true;
  /** Further package-URL qualifiers. */
  readonly qualifiers?: Readonly<Record<string, string>>;
  /** The place inside the file for a package in a nested archive: `BOOT-INF/lib/a.jar`. */
  readonly inside?: string;
  /** For a package that a file declares and that need not be installed. */
  readonly declaration?: PackageDeclaration;
}

/** The package, built by the distribution itself, whose files include the file in which another package was found. */
export interface PackageOwner {
  readonly type: PackageType;
  readonly name: string;
}

/** Programs that agree in what they contain of a Go module and in what they were built for. */
export interface LinkedProgram extends Pick<FoundPackage, "linkedPackages" | "builtFor"> {
  /** Some of the paths of the package. */
  readonly paths: readonly string[];
}

/** Where a lock file declares a package, and why the project has it. */
export interface DeclaredPlace extends Omit<PackageDeclaration, "requires"> {
  /** The lock file, which is among the paths of the package. */
  readonly path: string;
  /** By way of which packages the project needs a transitive one, each as `name@version`, the direct one first. */
  readonly via?: readonly string[];
}

/** A package in a target. */
export interface Package extends Omit<FoundPackage, "inside" | "qualifiers" | "declaration"> {
  /** Package URL, canonical form. */
  readonly purl: string;
  /** Where it was found, from the root without a leading slash, sorted; a place inside an archive stands after `!/`. */
  readonly paths: readonly string[];
  /** Index into the report's layers of the layer that brought it; null when the target has no layers. */
  readonly layer: number | null;
  readonly ownedBy?: PackageOwner;
  /** Absent for an installed package, and where the file tells nothing beside name and version. */
  readonly declaration?: DeclaredPlace;
  /**
   * True for a Java archive in an SBOM whose group is its artifact's name because the tool that wrote the document may
   * have known none. Reports do not print it.
   */
  readonly groupIsGuess?: true;
  /**
   * For a Go module in several programs that do not agree: what is in which. Then `linkedPackages` has what any of them
   * contains, and is absent when that is not known of one; `builtFor` is absent unless it is the same for all. Reports
   * do not print it.
   */
  readonly linkedPrograms?: readonly LinkedProgram[];
}
