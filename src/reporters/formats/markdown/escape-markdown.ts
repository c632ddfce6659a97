/** The text on one line of Markdown: no character of it formats, links, mentions, or begins HTML or a cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/@/g, "&#64;")
    .replaceAll("://", "&#58;//")
    .replace(/www\./gi, (word) => `${word.slice(0, 3)}&#46;`)
    .replace(/(?<!&)#|[\\`*_{}[\]|~>]|^[-+]/g, "\\$&");
}
