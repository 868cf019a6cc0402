import type { SandboxError } from '../../../core/base/errors.ts';
import type { Connection } from '../../../core/network/connection.ts';
import { RemoteConnection } from '../../../core/protocol/connection-port.ts';
import type { TerminalSession } from '../../../core/protocol/sandbox.ts';
import { RemoteTerminal } from '../../../core/protocol/terminal-port.ts';

/** Asks the worker for the other end of a channel, whose port it is given. */
type Ask = (port: MessagePort) => Promise<void>;

/** The terminals and connections of a machine in a worker, each over a channel of its own: they end with the machine. */
export class RemoteChannels {
  readonly #terminals = new Set<RemoteTerminal>();
  readonly #connections = new Set<RemoteConnection>();

  async openTerminal(ask: Ask): Promise<TerminalSession> {
    const channel = new MessageChannel();
    const terminal = new RemoteTerminal(channel.port1);
    this.#terminals.add(terminal);
    try {
      await ask(channel.port2);
      return terminal;
    } catch (error) {
      this.#terminals.delete(terminal);
      terminal.close();
      throw error;
    }
  }

  async dial(ask: Ask): Promise<Connection> {
    const channel = new MessageChannel();
    const connection = new RemoteConnection(channel.port1);
    this.#connections.add(connection);
    connection.onOver(() => this.#connections.delete(connection));
    try {
      await ask(channel.port2);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The machine is gone. */
  fail(error: SandboxError): void {
    for (const terminal of this.#terminals) terminal.fail(error);
    for (const connection of this.#connections) connection.fail(error);
  }
}
