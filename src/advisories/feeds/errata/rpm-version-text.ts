/**
 * True for a text that can be the version of an rpm package, `[EPOCH:]VERSION[-RELEASE]`: of the characters that rpm
 * allows, with a digit in the version. Any other word, such as `none`, would be ordered too, mostly before everything.
 *
 * Source: rpm-version(7) and rpm-spec(5), "Version" and "Release".
 */
export function isRpmVersion(text: string): boolean {
  const version = /^(?:\d{1,10}:)?([\w.+~^]{1,400})(?:-[\w.+~^]{1,400})?$/.exec(text)?.[1];
  return version !== undefined && /\d/.test(version);
}
