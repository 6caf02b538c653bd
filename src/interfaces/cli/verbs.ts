/** Every verb of the command line; its file is loaded when it is called. */
import type { Command } from 'commander';
import type { Context } from './context.ts';

/** Gives `command` its options, arguments, help and action. */
type Define = (command: Command, context: Context) => void;

export interface Verb {
  group: 'Start' | 'Look' | 'Act' | 'Keep' | null;
  summary: string;
  load: () => Promise<{ define: Define }>;
}

/** In the order of `tend help`; a verb without a group is not listed. */
export const VERBS = {
  run: {
    group: 'Start',
    summary: 'run a command or an agent in the background',
    load: () => import('./run.ts'),
  },
  batch: {
    group: 'Start',
    summary: 'run the tasks of a file that depend on each other',
    load: () => import('./batch.ts'),
  },
  schedule: {
    group: 'Start',
    summary: 'run something again and again, or at a time to come',
    load: () => import('./schedule.ts'),
  },
  retry: {
    group: 'Start',
    summary: 'run an ended task again, as a new task',
    load: () => import('./retry.ts'),
  },
  resume: {
    group: 'Start',
    summary: "go on with an ended agent's session, as a new task",
    load: () => import('./resume.ts'),
  },
  ls: { group: 'Look', summary: 'list tasks', load: () => import('./ls.ts') },
  show: { group: 'Look', summary: 'everything about one task', load: () => import('./show.ts') },
  logs: { group: 'Look', summary: 'what a task wrote', load: () => import('./logs.ts') },
  diff: { group: 'Look', summary: 'what a task changed', load: () => import('./diff.ts') },
  events: {
    group: 'Look',
    summary: 'follow everything that changes',
    load: () => import('./events.ts'),
  },
  wait: {
    group: 'Act',
    summary: 'wait until tasks have ended',
    load: () => import('./wait.ts'),
  },
  inbox: {
    group: 'Act',
    summary: 'completions that nobody has acknowledged yet',
    load: () => import('./inbox.ts'),
  },
  questions: {
    group: 'Act',
    summary: 'what waits for your word',
    load: () => import('./questions.ts'),
  },
  answer: {
    group: 'Act',
    summary: 'answer what a task asks',
    load: () => import('./answer.ts'),
  },
  send: {
    group: 'Act',
    summary: 'send text to the stdin of a running command',
    load: () => import('./send.ts'),
  },
  watch: {
    group: 'Act',
    summary: 'be told when a task writes something',
    load: () => import('./watch.ts'),
  },
  accept: {
    group: 'Act',
    summary: 'take the work of a task that waits for your review',
    load: () => import('./accept.ts'),
  },
  reject: {
    group: 'Act',
    summary: 'send the work of a task back, or end it',
    load: () => import('./reject.ts'),
  },
  merge: {
    group: 'Act',
    summary: 'bring the work of tasks into a branch',
    load: () => import('./merge.ts'),
  },
  pr: {
    group: 'Act',
    summary: 'open a pull request with the work of a task',
    load: () => import('./pr.ts'),
  },
  stop: {
    group: 'Act',
    summary: 'stop tasks politely, in whatever state they are',
    load: () => import('./stop.ts'),
  },
  kill: { group: 'Act', summary: 'end tasks at once', load: () => import('./kill.ts') },
  pause: {
    group: 'Act',
    summary: 'start nothing more; what runs goes on',
    load: () => import('./pause.ts'),
  },
  unpause: {
    group: 'Act',
    summary: 'let paused tasks start again',
    load: () => import('./unpause.ts'),
  },
  group: {
    group: 'Keep',
    summary: 'what the tasks of a group share and found',
    load: () => import('./group.ts'),
  },
  memory: {
    group: 'Keep',
    summary: 'what tasks are told about a project, and about you',
    load: () => import('./memory.ts'),
  },
  agents: {
    group: 'Keep',
    summary: 'who is installed, busy, held; hold and release',
    load: () => import('./agents.ts'),
  },
  cost: {
    group: 'Keep',
    summary: 'what agents have cost, and what is left of the budgets',
    load: () => import('./cost.ts'),
  },
  digest: {
    group: 'Keep',
    summary: 'what ended, failed, waits for you and cost',
    load: () => import('./digest.ts'),
  },
  notify: {
    group: 'Keep',
    summary: 'who is told without asking, and whether it arrives',
    load: () => import('./notify.ts'),
  },
  record: {
    group: 'Keep',
    summary: 'save an attempt of an agent as a recording',
    load: () => import('./record.ts'),
  },
  replay: {
    group: 'Keep',
    summary: 'what a recorded run of an agent comes to',
    load: () => import('./replay.ts'),
  },
  rm: { group: 'Keep', summary: 'forget ended tasks', load: () => import('./rm.ts') },
  gc: { group: 'Keep', summary: 'forget old ended tasks', load: () => import('./gc.ts') },
  undo: {
    group: 'Keep',
    summary: 'bring back a work tree that was taken away',
    load: () => import('./undo.ts'),
  },
  doctor: {
    group: 'Keep',
    summary: 'check everything, explain stuck tasks',
    load: () => import('./doctor.ts'),
  },
  daemon: {
    group: 'Keep',
    summary: 'start, stop or inspect the daemon',
    load: () => import('./daemon.ts'),
  },
  config: {
    group: 'Keep',
    summary: 'read or change the configuration',
    load: () => import('./config.ts'),
  },
  mcp: {
    group: 'Keep',
    summary: 'serve the tools for agent hosts on stdin and stdout',
    load: () => import('./mcp.ts'),
  },
  trust: {
    group: 'Keep',
    summary: 'let the hooks of a project be called',
    load: () => import('./trust.ts'),
  },
  completion: {
    group: 'Keep',
    summary: 'print a completion script for your shell',
    load: () => import('./completion.ts'),
  },
  board: { group: null, summary: 'the live board', load: () => import('./board.ts') },
  integrate: {
    group: 'Keep',
    summary: 'let an agent host delegate to tend and be told what came of it',
    load: () => import('./integrate.ts'),
  },
  skill: {
    group: 'Keep',
    summary: 'print what an agent must know to delegate',
    load: () => import('./skill.ts'),
  },
  hook: { group: null, summary: 'tell an agent host its news', load: () => import('./hook.ts') },
  complete: { group: null, summary: 'answer a completion', load: () => import('./complete.ts') },
} as const satisfies Record<string, Verb>;

export type VerbName = keyof typeof VERBS;

export const isVerb = (word: string): word is VerbName => Object.hasOwn(VERBS, word);

export const VERB_NAMES = Object.keys(VERBS).filter(isVerb);
/** The verbs that help lists and typos are compared with. */
export const LISTED = VERB_NAMES.filter((name) => VERBS[name].group !== null);
