import { createDockerClient, type DockerClient } from '../../src/core/docker/docker-client.ts';
import { ENGINE_SOCKET, type Sandbox } from '../../src/core/protocol/sandbox.ts';

/** The engine inside a sandbox, as the page reaches it. */
export function engineOf(sandbox: Pick<Sandbox, 'dial'>): DockerClient {
  return createDockerClient(() => sandbox.dial(ENGINE_SOCKET));
}
