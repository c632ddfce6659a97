/**
 * Whether the user of an image or container is root: no user is named, or root is, by name or id, with or without a
 * group.
 */
export function isRoot(user: string): boolean {
  const name = user.split(":")[0]?.trim() ?? "";
  return name === "" || name === "root" || /^0+$/.test(name);
}
