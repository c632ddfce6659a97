/** A Linux distribution as `os-release(5)` names it. */
export interface Distribution {
  /** `ID`, lower case: `debian`, `alpine`, `rhel`. */
  readonly id: string;
  /** `ID_LIKE`, in its order. */
  readonly idLike: readonly string[];
  /** `VERSION_ID`, absent for rolling and unreleased distributions. */
  readonly version?: string;
  /** `VERSION_CODENAME`. */
  readonly codename?: string;
  /** `PRETTY_NAME`, or id and version. */
  readonly name: string;
  /** The repositories from which an image was built, when it says so: `rhel-9-for-x86_64-baseos-rpms`. */
  readonly repositories?: readonly string[];
}
