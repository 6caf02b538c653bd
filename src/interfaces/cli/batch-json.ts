/** JSON with a long list, written piece by piece so that nobody holds it all. */
import type { Printer } from './print.ts';

/** One object whose last member is the list. */
export async function writeList(
  out: Pick<Printer, 'write'>,
  head: Readonly<Record<string, unknown>>,
  name: string,
  items: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  const members = Object.entries(head).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`,
  );
  let text = `{${members.join('')}${JSON.stringify(name)}:[`;
  let first = true;
  for await (const item of items) {
    text += `${first ? '' : ','}${JSON.stringify(item)}`;
    first = false;
    if (text.length < PIECE) continue;
    await out.write(text);
    text = '';
  }
  await out.write(`${text}]}\n`);
}

/** Characters that are written at a time. */
const PIECE = 64_000;
