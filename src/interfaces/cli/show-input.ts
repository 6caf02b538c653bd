/** What was sent to the stdin of a task, in the lines of `tend show`. */
import type { Task } from '../client/index.ts';
import { bytes, clock } from './format.ts';
import type { Printer } from './print.ts';

const MOST = 10;
const STYLES = { accepted: 'yellow', written: 'green', dropped: 'red' } as const;

/** The newest; how many came before. */
export function inputLines({ inputs }: Pick<Task, 'inputs'>, { paint }: Printer, now: number) {
  const earlier = inputs.length - MOST;
  return [
    ...(earlier > 0 ? [paint('dim', `${earlier} earlier`)] : []),
    ...inputs.slice(-MOST).map(({ id, at, bytes: size, end, state }) => {
      const what = `${bytes(size)}${end ? ' and the end' : ''}`;
      return `${clock(Date.parse(at), now)}  ${paint(STYLES[state], state)}  ${what}  ${paint('dim', id)}`;
    }),
  ];
}
