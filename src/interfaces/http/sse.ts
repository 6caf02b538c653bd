import { problemOf } from './problem.ts';

/** One item of a stream verb. */
export interface Item {
  id: string;
  event: string;
  data: unknown;
}

/** A silent stream says something this often (ms), so that a dead connection is noticed. */
const HEARTBEAT = 15_000;

export interface StreamSource {
  /** Starts the stream; the signal ends it. */
  open: (signal: AbortSignal) => AsyncIterable<Item>;
  /** Ends the stream without its last event when the server ends: the reader goes on with Last-Event-ID. */
  closing: AbortSignal;
  /** Told of what is no TendError. */
  onFault: (error: unknown) => void;
}

/**
 * The items as server-sent events. One is taken from the source only when the reader has room, so a reader
 * that stalls costs one item. The event `end` says that the stream is complete, `error` carries a problem.
 */
export function eventStream({ open, closing, onFault }: StreamSource): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const items = open(AbortSignal.any([gone.signal, closing]))[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<Item>> | null = null;
  let stop = (): void => undefined;

  const end = (): void => {
    closing.removeEventListener('abort', stop);
    gone.abort();
    // A source that waits for something else than its signal must not keep the reader waiting.
    void Promise.resolve(items.return?.()).catch(onFault);
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = () => {
          end();
          controller.close();
        };
        // Sends the headers at once.
        controller.enqueue(encoder.encode(': tend\n\n'));
        if (closing.aborted) stop();
        else closing.addEventListener('abort', stop, { once: true });
      },
      async pull(controller) {
        next ??= items.next();
        const said = await firstOf(next);
        if (closing.aborted || gone.signal.aborted) return;
        controller.enqueue(encoder.encode(said.text));
        if (!said.beat) next = null;
        if (!said.last) return;
        end();
        controller.close();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );

  async function firstOf(item: Promise<IteratorResult<Item>>) {
    let timer: NodeJS.Timeout | undefined;
    const beat = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), HEARTBEAT).unref();
    });
    try {
      const result = await Promise.race([item, beat]);
      if (result === null) return { text: ': still here\n\n', beat: true, last: false };
      if (result.done === true) return { text: END, beat: false, last: true };
      return { text: format(result.value), beat: false, last: false };
    } catch (error) {
      const document = problemOf(error);
      if (document.code === 'internal') onFault(error);
      return { text: textOf('error', document), beat: false, last: true };
    } finally {
      clearTimeout(timer);
    }
  }
}

const textOf = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const END = textOf('end', {});

const format = ({ id, event, data }: Item): string => `id: ${id}\n${textOf(event, data)}`;
