/** A bucket: texts are values, objects are buckets. */
export interface BoltContent {
  readonly [key: string]: string | BoltContent;
}

/** How a test database is laid out. */
export interface BoltLayout {
  readonly pageSize?: number;
  /** Buckets of at most so many bytes lie in the value of their parent; none unless given. */
  readonly inlineUpTo?: number;
  /** A leaf page has at most so many elements, then there are branch pages. */
  readonly perLeaf?: number;
  /** The number of the transaction. */
  readonly transaction?: number;
}

const headerSize = 16;

/** A bbolt database. */
export function boltFile(content: BoltContent, layout: BoltLayout = {}): Buffer {
  const { pageSize = 4096, inlineUpTo = 0, perLeaf = 1000, transaction = 7 } = layout;
  const pages: Buffer[] = [Buffer.alloc(pageSize), Buffer.alloc(pageSize)];

  function add(page: Buffer): number {
    const count = Math.max(1, Math.ceil(page.length / pageSize));
    const number = pages.length;
    const whole = Buffer.alloc(count * pageSize);
    page.copy(whole);
    whole.writeBigUInt64LE(BigInt(number), 0);
    whole.writeUInt32LE(count - 1, 12);
    for (let index = 0; index < count; index++) pages.push(whole.subarray(index * pageSize, (index + 1) * pageSize));
    return number;
  }

  function leaf(entries: readonly (readonly [string, string | BoltContent])[]): Buffer {
    const elements = entries.map(([key, value]) => {
      const bucket = typeof value !== "string";
      return { key: Buffer.from(key), value: bucket ? bucketValue(value) : Buffer.from(value), flags: bucket ? 1 : 0 };
    });
    return page(
      2,
      elements.map(({ key, value, flags }) => ({
        body: Buffer.concat([key, value]),
        head: (position) => words(flags, position, key.length, value.length),
      })),
    );
  }

  function bucketValue(bucket: BoltContent): Buffer {
    const value = Buffer.alloc(headerSize);
    const entries = sorted(bucket);
    const inline = entries.length <= perLeaf ? leaf(entries) : undefined;
    if (inline && inline.length <= inlineUpTo) return Buffer.concat([value, inline]);
    value.writeBigUInt64LE(BigInt(tree(entries)), 0);
    return value;
  }

  function tree(entries: readonly (readonly [string, string | BoltContent])[]): number {
    let level: { key: string; page: number }[] = [];
    for (let at = 0; at === 0 || at < entries.length; at += perLeaf) {
      const part = entries.slice(at, at + perLeaf);
      level.push({ key: part[0]?.[0] ?? "", page: add(leaf(part)) });
    }
    while (level.length > 1) {
      const next: { key: string; page: number }[] = [];
      for (let at = 0; at < level.length; at += perLeaf + 1) {
        const part = level.slice(at, at + perLeaf + 1);
        const elements = part.map(({ key, page: child }) => ({
          body: Buffer.from(key),
          head: (position: number) => words(position, Buffer.byteLength(key), child, 0),
        }));
        next.push({ key: part[0]?.key ?? "", page: add(page(1, elements)) });
      }
      level = next;
    }
    return level[0]?.page ?? 0;
  }

  const root = tree(sorted(content));
  const meta = (id: number, number: number): Buffer => {
    const bytes = Buffer.alloc(pageSize);
    bytes.writeBigUInt64LE(BigInt(id), 0);
    bytes.writeUInt16LE(4, 8);
    words(0xed0cdaed, 2, pageSize, 0).copy(bytes, headerSize);
    bytes.writeBigUInt64LE(BigInt(root), 32);
    bytes.writeBigUInt64LE(BigInt(pages.length), 56);
    bytes.writeBigUInt64LE(BigInt(number), 64);
    let hash = 0xcbf29ce484222325n;
    for (const byte of bytes.subarray(16, 72)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    bytes.writeBigUInt64LE(hash, 72);
    return bytes;
  };
  return Buffer.concat([meta(0, transaction), meta(1, transaction - 1), ...pages.slice(2)]);
}

function sorted(bucket: BoltContent): [string, string | BoltContent][] {
  return Object.entries(bucket).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function page(
  flags: number,
  elements: readonly { readonly body: Buffer; readonly head: (position: number) => Buffer }[],
): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(elements.length, 10);
  let start = elements.length * 16;
  const heads = elements.map(({ body, head }, index) => {
    const bytes = head(start - index * 16);
    start += body.length;
    return bytes;
  });
  return Buffer.concat([header, ...heads, ...elements.map(({ body }) => body)]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => void bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}
