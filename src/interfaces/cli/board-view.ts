/** The board as a frame: title, page, foot; always as many lines as the terminal has. Pure. */
import { askFrame } from './board-ask.ts';
import { listLines } from './board-list.ts';
import {
  askedHere,
  listRoom,
  type Model,
  needsMe,
  paneColumns,
  paneRows,
  selectedTask,
  visible,
} from './board-model.ts';
import { filled, helpLines, logLines, needLines, taskLines, taskPage } from './board-pages.ts';
import { hasEnded } from './exit.ts';
import { span } from './format.ts';
import { shown } from './line-entry.ts';
import type { Printer } from './print.ts';
import { countStates, summary } from './rows.ts';
import type { Frame } from './screen-frame.ts';
import { fit } from './styled.ts';
import { oneLine, padded, width } from './text.ts';

/** Below this many columns no layout is sure to fit. */
const TINY = 40;

/** `rows` lines of at most `columns` columns. */
export function view(model: Model, terminal: Printer): Frame {
  const { columns } = model;
  const { lines, cursor } = laidOut(model, terminal);
  if (columns >= TINY) return { lines, cursor };
  const isSeen = cursor !== null && cursor.column < columns;
  return { lines: lines.map((line) => fit(line, columns)), cursor: isSeen ? cursor : null };
}

function laidOut(model: Model, terminal: Printer): Frame {
  const printer = wide(terminal, model.columns);
  const { rows, entry } = model;
  const title = titleLine(model, printer);
  const foot = footLine(model, printer);
  const room = Math.max(1, rows - 2);
  if (entry?.for === 'answer') {
    const asked = askFrame(model, entry, printer, room);
    const { cursor } = asked;
    return {
      lines: last([title, ...filled(asked.lines, room), foot.text], rows),
      cursor: cursor === null || rows < 3 ? null : { ...cursor, row: cursor.row + 1 },
    };
  }
  const lines = last([title, ...page(model, printer, room), foot.text], rows);
  return {
    lines,
    cursor: foot.cursor === null ? null : { row: lines.length - 1, column: foot.cursor },
  };
}

const wide = (printer: Printer, columns: number): Printer => ({
  ...printer,
  columns: Math.max(1, columns),
});

/** On the smallest terminals the title gives way. */
const last = (lines: readonly string[], rows: number): string[] => lines.slice(-Math.max(1, rows));

function page(model: Model, printer: Printer, room: number): string[] {
  switch (model.page) {
    case 'list':
      return filled(listPage(model, printer), room);
    case 'task':
      return taskPage(model, selectedTask(model), printer, room);
    case 'logs':
      return logLines(model, printer, room);
    case 'needs':
      return needLines(model, printer, room);
    case 'help':
      return helpLines(model, printer, room);
  }
}

function listPage(model: Model, printer: Printer): string[] {
  const beside = paneColumns(model);
  const task = selectedTask(model);
  if (beside > 0) return sideBySide(model, printer, beside);
  const below = paneRows(model);
  const list = listLines(model, printer);
  if (below === 0) return list;
  const rule = printer.paint('dim', (printer.symbols ? '─' : '-').repeat(printer.columns));
  const pane = task === null ? [] : taskLines(model, task, printer);
  return [...list, rule, ...filled(pane, below - 1)];
}

function sideBySide(model: Model, printer: Printer, beside: number): string[] {
  const { columns, symbols, paint } = printer;
  const left = columns - beside - 3;
  const task = selectedTask(model);
  const list = listLines(model, wide(printer, left));
  const pane = task === null ? [] : taskLines(model, task, wide(printer, beside));
  const bar = paint('dim', symbols ? '│' : '|');
  return list.map((line, index) => `${padded(line, left)} ${bar} ${pane[index] ?? ''}`.trimEnd());
}

/** How many there are of each state, and what needs somebody. */
function titleLine(model: Model, { paint, columns }: Printer): string {
  const { page: on, link } = model;
  const name = paint('bold', 'tend');
  if (link.is === 'loading') return fit(`${name}  ${paint('dim', 'looking …')}`, columns);
  const needs = model.asked.length > 0 ? model.asked.length : waiting(model);
  const call =
    needs === 0 ? '' : paint('magenta', `${needs} ${needs === 1 ? 'needs' : 'need'} you (n)`);
  const tasks = [...model.tasks.values()];
  const states = summary(countStates(tasks), { paint });
  const where = {
    list: '',
    task: '',
    logs: `output of ${model.logs?.id ?? ''}`,
    needs: 'what needs you',
    help: 'keys',
  }[on];
  const what = where === '' ? (states === '' ? paint('dim', 'no tasks yet') : states) : where;
  return fit([name, call, what].filter(Boolean).join('  '), columns);
}

const waiting = ({ tasks }: Model): number => [...tasks.values()].filter(needsMe).length;

interface Foot {
  text: string;
  cursor: number | null;
}

/** What is typed, asked, told or possible: the first of these that there is. */
function footLine(model: Model, printer: Printer): Foot {
  const { paint, columns } = printer;
  const { entry, confirm, note, link } = model;
  if (entry !== null && entry.for !== 'answer') {
    const prompt = entry.for === 'filter' ? '/' : `what is wrong with ${entry.id}: `;
    const typed = shown(entry.line, Math.max(2, columns - width(prompt)));
    return {
      text: fit(prompt + typed.text, columns),
      cursor: Math.min(columns - 1, width(prompt) + typed.cursor),
    };
  }
  const told = (text: string): Foot => ({ text, cursor: null });
  if (confirm !== null) {
    const words = {
      stop: 'stop',
      kill: 'end at once',
      retry: 'run again',
      accept: 'accept the work of',
      reject: 'send back',
    };
    return told(paint('yellow', fit(`${words[confirm.act]} ${confirm.id}? y / n`, columns)));
  }
  if (note !== null) {
    const style = { good: 'green', bad: 'red', plain: 'yellow' } as const;
    return told(paint(style[note.kind], fit(oneLine(note.text), columns)));
  }
  if (link.is === 'lost') {
    const since = span(Math.max(0, Math.floor((model.now - link.since) / 1_000) * 1_000));
    const text = `the daemon is gone (${since.replace('0ms', '0s')}); looking for it; what is shown may be old   q leave`;
    return told(paint('red', fit(text, columns)));
  }
  return told(paint('dim', fit(hints(model, columns), columns)));
}

/** The keys that fit now, the most wanted ones first; how to leave always has room. */
function hints(model: Model, columns: number): string {
  const end =
    model.entry !== null ? [] : model.page === 'help' ? ['q leave'] : ['? keys', 'q leave'];
  const kept = keys(model).filter(Boolean);
  while (kept.length > 0 && width([...kept, ...end].join(GAP)) > columns) kept.pop();
  return [...kept, ...end].join(GAP);
}

const GAP = '   ';

function keys(model: Model): string[] {
  if (model.entry !== null) return ['enter send', 'up down choose', 'escape leave it', 'PgDn more'];
  const task = selectedTask(model);
  const answer = askedHere(model) === null ? '' : 'a answer';
  switch (model.page) {
    case 'help':
      return ['escape back'];
    case 'needs':
      return [answer, model.tasks.size === 0 ? '' : 'l output', 'escape back'];
    case 'logs': {
      const follows = model.logs?.up === 0 ? 'follows' : 'G follow again';
      return [model.logs?.ended === true ? 'ended' : follows, 'escape back', 'up down scroll'];
    }
    case 'task':
    case 'list': {
      const review = task?.state === 'awaiting_review' ? 'A accept   x send back' : '';
      const act = task === null ? '' : hasEnded(task) ? 'r again' : 's stop';
      const open = task === null ? '' : model.page === 'list' ? 'enter open' : 'escape back';
      return [where(model), answer, review, open, task === null ? '' : 'l output', act, '/ filter'];
    }
  }
}

/** What part of the list is shown, when that is not all. */
function where(model: Model): string {
  if (model.page !== 'list') return '';
  const all = visible(model).length;
  const filter = model.filter === '' ? '' : `[${oneLine(model.filter)}] `;
  const room = listRoom(model);
  if (all <= room) return filter === '' ? '' : `${filter}${all}`;
  return `${filter}${model.top + 1}-${Math.min(all, model.top + room)} of ${all}`;
}
