import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents } from './events.ts';

async function read(chunks: readonly Uint8Array[]) {
  const events = [];
  for await (const event of readEvents(Readable.from(chunks) as IncomingMessage))
    events.push(event);
  return events;
}

const TEXT = [
  ': a comment\n\n',
  'id: 1\nevent: a\ndata: "ü"\n\n',
  'retry: 5\nid: 2\ndata: one\ndata: two\n\n',
  'id: 3\n\n',
  'id: 4\nevent: cut\ndata: off',
].join('');

test('however the bytes are cut, the events are the same', async () => {
  const bytes = Buffer.from(TEXT);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await read(chunks.filter((chunk) => chunk.length > 0))).toEqual([
        { id: '1', event: 'a', data: '"ü"' },
        { id: '2', event: 'message', data: 'one\ntwo' },
      ]);
    }),
  );
});
