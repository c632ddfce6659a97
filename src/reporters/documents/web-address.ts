const longestAddress = 2000;

/** The address in its normal form if it is one of the web, of at most 2,000 characters; otherwise undefined. */
export function webAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { href } = new URL(text);
  return href.length > longestAddress ? undefined : href;
}
