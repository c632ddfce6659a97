/** What names a release in a Maven repository. */
export interface Coordinates {
  /** Absent when nothing tells it. */
  readonly group?: string;
  readonly artifact: string;
  /** Empty when nothing tells it. */
  readonly version: string;
}

/** True for what Maven's model validation allows as a group or artifact id. */
export function isMavenId(text: string | undefined): text is string {
  return text !== undefined && text.length <= 256 && /^[.-]*\w[\w.-]*$/.test(text);
}

/**
 * True for what Maven's model validation allows as a version, which leaves out placeholders that a build forgot to fill
 * (`${project.version}`, `@version@`).
 */
export function isMavenVersion(text: string | undefined): text is string {
  return text !== undefined && text.length <= 128 && /^\w[^\s\p{C}\\/:"<>|?*[\](){},$@]*$/u.test(text);
}

/** True for ids that begin as a domain does: `org.slf4j`, but not `slf4j`. */
export function isDomainLike(text: string): boolean {
  return text.length <= 256 && /^[a-z][\w-]*(?:\.[\w-]+)+$/i.test(text);
}
