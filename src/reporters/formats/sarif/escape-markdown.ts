/** The text on one line of Markdown: no character of it formats, links, mentions or begins HTML. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/@/g, "&#64;")
    .replace(/[\\`*_{}[\]()#+!|~>-]/g, "\\$&");
}
