/** The image up to the first colon or @, so that a registry with a port ends there too, as in Falco. */
export function repositoryOf(image: string): string {
  return image.split(/[:@]/, 1)[0] ?? "";
}
