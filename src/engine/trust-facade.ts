/** The configuration of a project, and whether the person trusts it as it is. */
export interface ProjectTrust {
  /** Root of the repository, absolute. */
  folder: string;
  /** The file; it need not exist. */
  path: string;
  /** Of the file's bytes; null = there is no file, or it is not followed. */
  hash: string | null;
  /** What it asks to be called, by name: a line for the shell, or a program with its arguments. */
  hooks: Readonly<Record<string, string | readonly string[]>>;
  trusted: boolean;
}

/** What the doors may ask about the projects whose hooks are called. */
export interface TrustVerbs {
  /** Of the repository around an absolute folder. Throws `not_found` where there is none, `config_invalid`. */
  look(folder: string): Promise<ProjectTrust>;
  /** The person has seen the file with this hash. Throws `invalid_input` when it is another one by now. */
  trust(folder: string, hash: string): Promise<ProjectTrust>;
  /** Calls nothing of it any more. */
  distrust(folder: string): Promise<ProjectTrust>;
}
