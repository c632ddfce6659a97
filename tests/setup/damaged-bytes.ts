/** A copy with one to eight bytes changed: to a random value, to an extreme one, or in one bit. */
export function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let changes = 1 + Math.floor(random() * 8); changes > 0 && copy.length > 0; changes--) {
    const place = Math.floor(random() * copy.length);
    const way = random();
    if (way < 0.4) copy[place] = Math.floor(random() * 256);
    else if (way < 0.6) copy[place] = random() < 0.5 ? 0 : 0xff;
    else copy[place] = (copy[place] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  return copy;
}

/** Numbers from 0 to 1 that are the same for the same seed: the mulberry32 generator. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
