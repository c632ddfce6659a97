/** `2026-03-09 10:00 UTC` of a time in RFC 3339; another text as it is. */
export function timeText(time: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(time);
  return parts ? `${parts[1]} ${parts[2]} UTC` : time;
}

/** The day of a time in RFC 3339. */
export function dayText(time: string): string {
  return time.slice(0, 10);
}

/** `4.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** With a capital first letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
