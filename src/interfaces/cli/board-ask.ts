/** A question on the board, with its options and the place for own words, as lines. */
import type { Entry, Model } from './board-model.ts';
import { textOf, shown } from './line-entry.ts';
import type { Printer } from './print.ts';
import type { Frame } from './screen-frame.ts';
import { askerOf, deadlineOf, questionText } from './show-question.ts';
import { fit, wrap } from './styled.ts';
import { oneLine, width } from './text.ts';

type Answer = Extract<Entry, { for: 'answer' }>;

/** `rows` lines. */
export function askFrame(model: Model, entry: Answer, printer: Printer, rows: number): Frame {
  const { paint, columns } = printer;
  const { asked } = entry;
  const who = [asked.taskId ?? asked.id, askerOf(asked), deadlineOf(asked, model.now)];
  const heading = fit(paint('magenta', oneLine(who.filter(Boolean).join('  '))), columns);
  const choices = choiceLines(entry, printer, Math.max(2, Math.floor(rows / 2)));
  const mark = entry.choice === null ? '>' : ' ';
  const prompt = asked.options.length === 0 ? 'answer: ' : `${mark} or in own words: `;
  const typed = shown(entry.line, columns - width(prompt));
  const room = Math.max(1, rows - choices.length - 3);
  const words = questionText(asked, printer).flatMap((line) => wrap(line, columns));
  const top = Math.max(0, Math.min(entry.top, words.length - room));
  const some = words.slice(top, top + room);
  const rest = words.length - top - room;
  if (rest > 0) some[room - 1] = paint('dim', fit(`… ${rest + 1} more lines, PgDn`, columns));
  const gap = Array.from({ length: Math.max(0, room - some.length) }, () => '');
  const lines = [heading, ...some, ...gap, '', ...choices, prompt + typed.text].slice(-rows);
  const cursor =
    entry.choice === null || textOf(entry.line) !== ''
      ? { row: lines.length - 1, column: width(prompt) + typed.cursor }
      : null;
  return { lines, cursor };
}

/** The options around the chosen one. */
function choiceLines(
  { asked: { options }, choice }: Answer,
  printer: Printer,
  most: number,
): string[] {
  const { paint, columns } = printer;
  const at = Math.max(0, Math.min((choice ?? options.length) - most + 1, options.length - most));
  return options.slice(at, at + most).flatMap((option, index) => {
    const isChosen = at + index === choice;
    const text = `${isChosen ? '>' : ' '} ${at + index + 1} ${oneLine(option)}`;
    if (!isChosen) return [fit(text, columns)];
    // The chosen one is shown whole, as far as there is room.
    return wrap(text, columns)
      .slice(0, most)
      .map((line) => paint('inverse', line));
  });
}
