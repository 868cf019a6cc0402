import type { ContainerSummary } from '../../../docker/container-types.ts';
import { allWanted, code, excerpt, listed, wanted } from '../phrases.ts';
import { patternList } from '../text-pattern.ts';
import type { CheckRule, Failure } from './rule.ts';

export const httpRule: CheckRule<'http'> = {
  triggers: ['ports', 'engine', 'command', 'page'],

  describe({ http, status, body }) {
    const { shown } = addressOf(http);
    const answer = status === undefined || status === 200 ? 'answers' : `answers with status ${status}`;
    return body === undefined ? `${shown} ${answer}` : `${shown} ${answer} and shows ${allWanted(patternList(body))}`;
  },

  async judge({ http, status = 200, body }, probe) {
    const { port, path, shown } = addressOf(http);
    const answer = await probe.http(port, path);
    if (!answer) return noAnswer(port, shown, await probe.containers());
    if (answer.status !== status) {
      return {
        expected: `${shown} answers with status ${status}.`,
        found: `It answers with status ${answer.status}: ${excerpt(readable(answer.body))}.`,
      };
    }
    const missing = patternList(body).find(pattern => !pattern.matches(answer.body));
    if (!missing) return undefined;
    return {
      expected: `${shown} shows ${wanted(missing)}.`,
      found: answer.body.trim() === '' ? 'The page is empty.' : `It shows ${excerpt(readable(answer.body))}.`,
    };
  },
};

function addressOf(http: string): { readonly port: number; readonly path: string; readonly shown: string } {
  const [, port = '', path = ''] = /^:?(\d+)(\/.*)?$/s.exec(http) ?? [];
  return { port: Number(port), path: path === '' ? '/' : path, shown: code(`localhost:${port}${path === '' ? '/' : path}`) };
}

/** A page without its tags, as far as it serves to recognise it. */
function readable(body: string): string {
  const text = body
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]+>/g, ' ')
    .trim();
  return text === '' ? body : text;
}

function noAnswer(port: number, shown: string, containers: readonly ContainerSummary[]): Failure {
  const expected = `${shown} answers.`;
  const running = containers.filter(container => container.state === 'running');
  const owner = running.find(container => container.ports.some(one => one.hostPort === port));
  if (owner) {
    const inside = owner.ports.find(one => one.hostPort === port)?.containerPort;
    return {
      expected,
      found: `The container ${code(owner.names[0] ?? owner.id.slice(0, 12))} has the port, but nothing in it answers at its port ${inside}.`,
      hint: `Its program may still be starting, listen at another port, or only at 127.0.0.1 (it must be 0.0.0.0). ${code('docker logs NAME')} shows what it says.`,
    };
  }
  const ports = running.flatMap(container => container.ports.map(one => `${one.hostPort}:${one.containerPort}`));
  const found =
    ports.length > 0
      ? `No container has port ${port}; the published ones are ${listed(ports)}.`
      : running.length > 0
        ? 'No running container publishes a port.'
        : 'No container is running.';
  return {
    expected,
    found,
    hint: `${code('docker ps')} shows what runs and which ports lead to it. ${code(`-p ${port}:PORT`)} in ${code('docker run')} publishes a container's port at ${port}.`,
  };
}
