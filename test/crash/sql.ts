import Database from 'better-sqlite3';
import type { Point } from './points.ts';

type Method = (this: object, ...args: unknown[]) => unknown;

/** Lets every statement that this process runs from now on pass the point. */
export function patchSqlite(point: Point): void {
  const db = new Database(':memory:');
  const statements = Object.getPrototypeOf(db.prepare('SELECT 1')) as object;
  db.close();
  for (const name of ['run', 'get', 'all'] as const)
    patch(statements, name, point, (self) => {
      const { source, database } = self as Database.Statement;
      return [source, database];
    });
  patch(Database.prototype as object, 'exec', point, (self, sql) => [
    String(sql),
    self as Database.Database,
  ]);
}

function patch(
  prototype: object,
  name: string,
  point: Point,
  detailsOf: (self: object, first: unknown) => [sql: string, db: Database.Database],
): void {
  const real = Reflect.get(prototype, name) as Method;
  Reflect.set(prototype, name, function patched(this: object, ...args: unknown[]) {
    const [sql, db] = detailsOf(this, args[0]);
    // Transactions run without a pause: after a statement in one is before the next statement.
    return point(
      labelOf(sql),
      () => real.apply(this, args),
      () => db.inTransaction,
    );
  });
}

/** The kind of statement and its table, such as `UPDATE task`. */
export function labelOf(sql: string): string {
  const words = sql.trim().split(/\s+/);
  const [verb = '', second = ''] = words.map((word) => word.toUpperCase());
  switch (verb) {
    case 'SELECT':
      return `SELECT ${/\bFROM\s+(\w+)/i.exec(sql)?.[1] ?? 'value'}`;
    case 'INSERT':
      return `INSERT ${/\bINTO\s+(\w+)/i.exec(sql)?.[1]}`;
    case 'DELETE':
      return `DELETE ${/\bFROM\s+(\w+)/i.exec(sql)?.[1]}`;
    case 'UPDATE':
      return `UPDATE ${words[1]}`;
    case 'PRAGMA':
      return `PRAGMA ${/^\w+/.exec(words[1] ?? '')?.[0]}`;
    case 'CREATE':
      return 'CREATE schema';
    case 'ROLLBACK':
      return second === 'TO' ? 'ROLLBACK TO' : 'ROLLBACK';
    default:
      return verb;
  }
}
