import type { LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { requestHttp } from '../../core/network/http-client.ts';
import type { FileChange } from '../../core/workspace/file-change.ts';
import { ShellTerminal } from '../lesson/shell-terminal.ts';
import type { HttpStep, Transcript, TranscriptFiles } from './transcript.ts';

const ANSWER_MILLISECONDS = 30_000;
const CLEANUP_MILLISECONDS = 300_000;
/** A shell's answer to Ctrl+C, and to a new shell. */
const SHELL_MILLISECONDS = 60_000;

/** What is in the engine that a transcript could have changed. */
const INVENTORY = `docker images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | sort
docker ps -aq
docker volume ls -q
docker network ls --format '{{.Name}}' | sort`;

/** Undoes what a transcript did; the images that were there, in /tmp/tutorials-images, stay, and the client's settings are those that were there. */
const CLEAN = `{
[ "$(docker info -f '{{.Swarm.LocalNodeState}}')" = inactive ] || docker swarm leave --force
containers=$(docker ps -aq); [ -z "$containers" ] || docker rm -fv $containers
volumes=$(docker volume ls -q); [ -z "$volumes" ] || docker volume rm -f $volumes
docker network prune -f
images=$(docker images --no-trunc --format '{{if eq .Tag "<none>"}}{{.ID}}{{else}}{{.Repository}}:{{.Tag}}{{end}} {{.ID}}' | sort -u | grep -vxF -f /tmp/tutorials-images | cut -d' ' -f1)
[ -z "$images" ] || docker rmi -f $images
docker image prune -f
docker builder prune -af
rm -rf /root/.docker && cp -a /tmp/tutorials-docker /root/.docker
} >/dev/null 2>&1`;
const KEEP = `docker images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' > /tmp/tutorials-images
rm -rf /tmp/tutorials-docker && cp -a /root/.docker /tmp/tutorials-docker`;

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** A sandbox at which somebody follows tutorials: its first terminal, its workspace, its published ports. */
export class TutorialDesk {
  private constructor(
    readonly sandbox: LocalSandbox,
    readonly terminal: ShellTerminal,
    readonly inventory: string,
  ) {}

  static async open(sandbox: LocalSandbox): Promise<TutorialDesk> {
    const terminal = await ShellTerminal.open(sandbox);
    await sandbox.run(KEEP);
    return new TutorialDesk(sandbox, terminal, (await sandbox.run(INVENTORY)).stdout);
  }

  /** Makes the workspace, and the one switch, what the transcript begins with. */
  async begin({ files = {}, nearest = false }: Transcript): Promise<void> {
    await this.sandbox.giveNearestImages(nearest);
    await this.sandbox.replaceFiles(changesOf(files));
  }

  async write(files: TranscriptFiles): Promise<void> {
    await this.sandbox.applyFiles(changesOf(files));
  }

  /** Enters a command and gives what came of it. Rejects where it does not end in time. */
  async enter(command: string, milliseconds: number): Promise<Ended> {
    await this.terminal.enter(command);
    return this.untilEnded(milliseconds);
  }

  /** Waits for the end of what was entered last. */
  async untilEnded(milliseconds: number): Promise<Ended> {
    await this.terminal.untilEnded(milliseconds);
    const last = this.terminal.typed.at(-1);
    if (last === undefined) throw new Error('the shell says nothing of a command that has ended');
    return { exitCode: last.exitCode, output: this.terminal.output };
  }

  /** One request to a published port. Rejects where nothing answers. */
  async ask({ http, method = 'GET', headers = {}, send }: HttpStep): Promise<{ readonly status: number; readonly text: string }> {
    const slash = http.indexOf('/');
    const request = {
      method,
      path: http.slice(slash),
      headers: Object.entries(headers),
      body: send === undefined ? undefined : new TextEncoder().encode(send),
    };
    const options = { headTimeoutMilliseconds: ANSWER_MILLISECONDS, signal: AbortSignal.timeout(2 * ANSWER_MILLISECONDS) };
    const response = await requestHttp(() => this.sandbox.dial(`:${http.slice(0, slash)}`), withoutUndefined(request), options);
    const fields = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    return { status: response.status, text: `${fields}\n${await response.text()}` };
  }

  /** Undoes what a transcript did. False where the machine is not as it was: then another one is needed. */
  async clean({ cleanup = [] }: Transcript): Promise<boolean> {
    try {
      for (const command of cleanup) await this.sandbox.run(command, { timeoutMilliseconds: CLEANUP_MILLISECONDS });
      await this.sandbox.run(CLEAN, { timeoutMilliseconds: CLEANUP_MILLISECONDS });
      if (!(await this.#newShell())) return false;
      return (await this.sandbox.run(INVENTORY)).stdout === this.inventory;
    } catch {
      return false;
    }
  }

  close(): void {
    this.terminal.close();
  }

  /** Variables, aliases and folders of the last shell go with it. */
  async #newShell(): Promise<boolean> {
    if (!this.terminal.isAtPrompt) {
      await this.terminal.press('C');
      if (!(await this.terminal.isAtPromptWithin(SHELL_MILLISECONDS))) return false;
    }
    await this.terminal.enter('cd /workspace && exec env -i HOME="$HOME" USER="$USER" TERM="$TERM" LANG="$LANG" bash --login');
    await this.terminal.untilEnded(SHELL_MILLISECONDS);
    this.terminal.forget();
    return true;
  }
}

function changesOf(files: TranscriptFiles): FileChange[] {
  return Object.entries(files).map(([path, file]) => {
    const { content, executable = content.startsWith('#!') } = typeof file === 'string' ? { content: file } : file;
    return { kind: 'written', path, content: new TextEncoder().encode(content), executable };
  });
}

function withoutUndefined<T extends { readonly body: Uint8Array | undefined }>({
  body,
  ...rest
}: T): Omit<T, 'body'> & { readonly body?: Uint8Array } {
  return body === undefined ? rest : { ...rest, body };
}
