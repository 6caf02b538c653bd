import Database from 'better-sqlite3';
import { type ErrorCode, TendError } from '../../domain/errors.ts';

interface Translation {
  match: RegExp;
  code: ErrorCode;
  what: string;
  hint: string;
}

const TRANSLATIONS: readonly Translation[] = [
  {
    match: /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    code: 'disk_full',
    what: 'has no space left to grow',
    hint: 'Free space on its disk; what was acknowledged before is safe.',
  },
  {
    match: /^SQLITE_(BUSY|LOCKED)/,
    code: 'database_busy',
    what: 'is locked by another process',
    hint: 'Try again; see who has it open with: tend doctor',
  },
  {
    match: /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH|IOERR)|E)/,
    code: 'state_unwritable',
    what: 'cannot be read or written',
    hint: 'Check that its folder exists, belongs to you and is writable.',
  },
  {
    match: /^SQLITE_(CORRUPT|NOTADB)/,
    code: 'database_corrupt',
    what: 'is damaged',
    hint: 'Restart the daemon: it keeps a copy aside; then run: tend doctor --rebuild',
  },
];

/** Errors of SQLite and of the file system in the words of the domain, naming the file; others as they are. */
export function translate(error: unknown, path: string): unknown {
  if (!isCoded(error)) return error;
  const known = TRANSLATIONS.find(({ match }) => match.test(error.code));
  const detail = `${error.message}, ${error.code}`;
  return known === undefined
    ? new TendError(
        'internal',
        `The database ${path} refused a statement (${detail}).`,
        'This is a defect of Tend: please report it with the message.',
        error,
      )
    : new TendError(
        known.code,
        `The database ${path} ${known.what} (${detail}).`,
        known.hint,
        error,
      );
}

export const isCorrupt = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);

const isCoded = (error: unknown): error is Error & { code: string } =>
  error instanceof Database.SqliteError || (error instanceof Error && 'syscall' in error);
