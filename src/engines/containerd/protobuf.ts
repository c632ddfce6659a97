/**
 * The part of Protocol Buffers' wire format that containerd's API needs. A message is fields; a field is a varint
 * `number << 3 | type` and a value: type 0 a varint, 1 eight bytes, 2 a length as varint and so many bytes, 5 four
 * bytes.
 *
 * Source: protobuf.dev, "Encoding".
 */
export interface ProtobufField {
  readonly number: number;
  /** The bytes of a field with a length; empty for a number. */
  readonly bytes: Buffer;
  /** The value of a varint; 0 for other types. */
  readonly value: bigint;
}

const none = Buffer.alloc(0);
const longestVarint = 10;

/** The fields of a message in their order; undefined when the bytes are not a message. Bytes are views. */
export function readFields(message: Buffer): ProtobufField[] | undefined {
  const fields: ProtobufField[] = [];
  for (let at = 0; at < message.length; ) {
    const key = readVarint(message, at);
    if (!key) return undefined;
    at = key.end;
    const number = Number(key.value >> 3n);
    const type = Number(key.value & 7n);
    if (type === 0) {
      const varint = readVarint(message, at);
      if (!varint) return undefined;
      fields.push({ number, bytes: none, value: varint.value });
      at = varint.end;
    } else {
      const length = type === 2 ? readVarint(message, at) : { value: type === 1 ? 8n : 4n, end: at };
      if (!length || (type !== 1 && type !== 2 && type !== 5)) return undefined;
      if (length.value > BigInt(message.length - length.end)) return undefined;
      const end = length.end + Number(length.value);
      fields.push({ number, bytes: message.subarray(length.end, end), value: 0n });
      at = end;
    }
  }
  return fields;
}

/** A field with text. */
export function textField(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function readVarint(bytes: Buffer, start: number): { readonly value: bigint; readonly end: number } | undefined {
  let value = 0n;
  for (let index = 0; index < longestVarint; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 127) << BigInt(7 * index);
    if (byte < 128) return { value, end: start + index + 1 };
  }
  return undefined;
}
