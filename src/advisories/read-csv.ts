// CSV (RFC 4180): records end with a line break, fields are parted by commas; a field in quotes may hold both, and a
// doubled quote stands for one. Taken leniently, as publishers write it: a bare quote inside an unquoted field is part
// of it, lines may end in LF, and the last may lack its end. Empty lines are passed over.

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The records of a CSV text, one by one, the header among them. Text behind a closing quote is added to the field; a
 * quote that is never closed takes the rest of the text. Linear in the text's length; never throws.
 */
export function* readCsv(text: string): Generator<string[]> {
  let position = 0;
  let record: string[] = [];
  while (position < text.length) {
    const field = readField(text, position);
    record.push(field.text);
    position = field.end;
    if (text.charCodeAt(position) === comma) {
      position++;
      if (position < text.length) continue;
      record.push("");
    }
    if (text.charCodeAt(position) === carriageReturn) position++;
    if (text.charCodeAt(position) === lineFeed) position++;
    if (record.length > 1 || record[0] !== "") yield record;
    record = [];
  }
}

/** A field that begins at `start`, and where its comma, line end or the end of the text stands. */
function readField(text: string, start: number): { text: string; end: number } {
  let quoted = "";
  let position = start;
  if (text.charCodeAt(start) === quote) {
    position = start + 1;
    for (;;) {
      const close = text.indexOf('"', position);
      if (close < 0) return { text: quoted + text.slice(position), end: text.length };
      quoted += text.slice(position, close);
      position = close + 1;
      if (text.charCodeAt(position) !== quote) break;
      quoted += '"';
      position++;
    }
  }
  const rest = position;
  while (position < text.length && !endsField(text.charCodeAt(position))) position++;
  return { text: quoted + text.slice(rest, position), end: position };
}

function endsField(code: number): boolean {
  return code === comma || code === lineFeed || code === carriageReturn;
}
