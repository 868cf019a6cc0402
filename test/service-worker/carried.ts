import type { Connection } from '../../src/core/network/connection.ts';
import { CookieJar } from '../../src/core/preview/cookie-jar.ts';
import { PREVIEW_VERSION, type OpenPort, type PreviewCall, type RequestCall } from '../../src/core/preview/preview-call.ts';
import type { Exchange } from '../../src/core/preview/page-report.ts';
import { PreviewServer } from '../../src/core/preview/preview-server.ts';
import { SandboxChannel, type ScriptFor } from '../../src/service-worker/sandbox-channel.ts';
import { dialHere } from '../support/dial-here.ts';

export const SITE = 'https://school.example/';

interface AskOptions {
  readonly method?: string;
  readonly body?: Blob;
  readonly headers?: [string, string][];
  readonly hasCookies?: boolean;
  readonly script?: ScriptFor;
}

/** Both ends of the way from the service worker to a port, without a browser and without a guest. */
export class CarriedPort {
  /** What was told of requests. */
  readonly exchanges: Exchange[] = [];
  /** Connections that are open now. */
  readonly connections = new Set<Connection>();
  ports: readonly OpenPort[] = [];
  /** What the page does with a call; tests replace it. */
  page = (call: PreviewCall, port: MessagePort): void => {
    port.postMessage({ kind: 'taken' });
    void this.#server.serve(call, port as never);
  };
  readonly #server = new PreviewServer(
    { dial: target => dialHere(target, this.connections), ports: () => Promise.resolve(this.ports) },
    new CookieJar(),
  );

  constructor(readonly port: number) {}

  ask(path: string, options: AskOptions = {}): SandboxChannel {
    const { body, headers = [], hasCookies = true, method = 'GET', script } = options;
    const call: RequestCall = { kind: 'preview-request', version: PREVIEW_VERSION, route: { port: this.port, path }, method, headers, hasCookies };
    const client = { postMessage: (message: PreviewCall, [port]: Transferable[] = []) => this.page(message, port as MessagePort) };
    const sized = body === undefined ? call : { ...call, bodyBytes: body.size };
    return new SandboxChannel({ page: client, call: sized, body, site: SITE, scriptFor: script, tell: exchange => this.exchanges.push(exchange) });
  }

  async fetch(...call: Parameters<CarriedPort['ask']>): Promise<Response> {
    const answer = await this.ask(...call).answer;
    if (answer.kind !== 'response') throw new Error(JSON.stringify(answer));
    return answer.response;
  }
}
