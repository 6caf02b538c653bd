import { problemOf } from './problem.ts';

/** One item of a stream verb. */
export interface Item {
  id: string;
  event: string;
  data: unknown;
}

/** A silent stream says something this often (ms), so that a dead connection is noticed. */
const HEARTBEAT = 15_000;

/**
 * The items as server-sent events. One is taken from the source only when the text before it was taken, so a
 * reader that stalls costs one item. The event `end` says that the stream is complete, `error` carries a
 * problem; after `signal` it ends without either, and the reader goes on later with Last-Event-ID.
 */
export async function* eventStream(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): AsyncGenerator<string, void> {
  const items = source[Symbol.asyncIterator]();
  const beat = metronome(signal);
  try {
    yield ': tend\n\n';
    let next = items.next();
    while (!signal.aborted) {
      const result = await Promise.race([next, beat.next()]);
      if (signal.aborted) return;
      if (result === null) yield ': still here\n\n';
      else if (result.done === true) {
        yield textOf('end', {});
        return;
      } else {
        yield `id: ${result.value.id}\n${textOf(result.value.event, result.value.data)}`;
        next = items.next();
      }
    }
  } catch (error) {
    const document = problemOf(error);
    if (document.code === 'internal') onFault(error);
    yield textOf('error', document);
  } finally {
    beat.stop();
    // Not awaited: a source that waits for something else than its signal must not hold anybody up.
    void Promise.resolve(items.return?.()).catch(onFault);
  }
}

/** `next` resolves (null) after a heartbeat's time, or when `signal` aborts. */
function metronome(signal: AbortSignal) {
  let timer: NodeJS.Timeout | undefined;
  let tick = (): void => undefined;
  const wake = (): void => tick();
  signal.addEventListener('abort', wake);
  return {
    next: () =>
      new Promise<null>((resolve) => {
        tick = () => resolve(null);
        clearTimeout(timer);
        timer = setTimeout(wake, HEARTBEAT).unref();
      }),
    stop: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
    },
  };
}

const textOf = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
