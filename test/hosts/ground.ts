/** A home with the files of agent hosts in it, and the built `tend`. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { Home, type Result } from '../cli/home.ts';

export class HostHome {
  readonly home = new Home();

  at(...names: readonly string[]): string {
    return join(this.home.path, ...names);
  }

  read(name: string): string {
    return fs.readFileSync(this.at(name), 'utf8');
  }

  has(name: string): boolean {
    return fs.existsSync(this.at(name));
  }

  write(name: string, text: string, mode = 0o644): void {
    fs.mkdirSync(dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), text);
    fs.chmodSync(this.at(name), mode);
  }

  integrate(...words: readonly string[]): Promise<Result> {
    return this.home.tend(['integrate', ...words]);
  }

  /** `tend hook` with the host's JSON on stdin. */
  hook(
    host: string,
    event: string,
    given: object,
    env: Record<string, string> = {},
  ): Promise<Result> {
    const { child, result } = this.home.start(['hook', host, event], { env });
    child.stdin?.end(`${JSON.stringify(given)}\n`);
    return result;
  }

  /** Every file below the home but for Tend's own state, with its text. */
  files(): Record<string, string> {
    const names = fs.readdirSync(this.home.path, { recursive: true, encoding: 'utf8' });
    const own = names.filter((name) => !/^(s|work)(\/|$)/.test(name));
    return Object.fromEntries(
      own
        .filter((name) => fs.statSync(this.at(name)).isFile())
        .map((name) => [name, this.read(name)]),
    );
  }

  close(): Promise<void> {
    return this.home.close();
  }
}
