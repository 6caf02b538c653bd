import type { Exit } from '../domain/attempt.ts';
import type { Launch } from './agent.ts';

/** A program that is asked one question and answered by its output. */
export interface Question {
  /** How it is started, with its own files in the private folder that it is given. May throw TendError. */
  launch: (folder: string) => Launch;
  /** What it gets, before `env` and `unset` of the launch. */
  environment: Readonly<Record<string, string>>;
  cwd: string;
  /** Longest wait for its end, ms; then it is killed with its group. */
  timeout: number;
}

export interface Answered {
  exit: Exit;
  stdout: Uint8Array;
  stderr: Uint8Array;
}

/** Asks programs that choose among agents. */
export interface Classifier {
  /**
   * What the program wrote until its end, or why that is not known, in words that follow its name. Nothing of it is left
   * afterwards, neither processes of its group nor files. Throws what `launch` throws.
   */
  ask(question: Question): Promise<Answered | { failure: string }>;
}
