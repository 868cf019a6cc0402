import { expect, test } from 'vitest';
import { containerActions, containerCommands } from '../../../src/app/containers/container-actions.ts';
import { imageRemoval } from '../../../src/app/containers/image-actions.ts';
import { PaneActions } from '../../../src/app/containers/pane-actions.ts';
import type { ContainerState, ContainerSummary } from '../../../src/core/docker/container-types.ts';
import { createDockerClient } from '../../../src/core/docker/docker-client.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';

const container = (state: ContainerState): ContainerSummary => ({
  id: '0123456789abcdef',
  names: ['other/alias', 'web'],
  image: 'busybox',
  imageId: 'sha256:1',
  command: 'sh',
  state,
  status: '',
  createdMilliseconds: 0,
  ports: [],
  unpublishedPorts: [],
  mounts: [],
  networks: [],
});
const client = () => createDockerClient(() => Promise.reject(new SandboxError('guest-unreachable', 'Nothing answers.')));
const told = (state: ContainerState) =>
  containerActions(container(state), client).map(({ label, command, question }) => `${label}: ${command}${question === undefined ? '' : ' ?'}`);

test('each state has its buttons; what loses something asks', () => {
  expect(told('running')).toEqual(['Stop: docker stop web', 'Remove: docker rm -f web ?']);
  expect(told('exited')).toEqual(['Start: docker start web', 'Remove: docker rm web ?']);
  expect(told('created')).toEqual(['Start: docker start web', 'Remove: docker rm web']);
  expect(told('paused')).toEqual(['Unpause: docker unpause web', 'Remove: docker rm -f web ?']);
});

test('a shell is offered only where it can be had', () => {
  expect(containerCommands(container('running'))).toContain('docker exec -it web sh');
  expect(containerCommands(container('exited')).join()).not.toContain('exec');
});

test('an image that keeps another name is not lost; the last name asks', () => {
  const image = { id: 'sha256:0123456789abcdef', tags: ['a:1', 'b:2'], sizeBytes: 1, createdMilliseconds: 0 };
  expect(imageRemoval(image, 'a:1', client)).toMatchObject({ command: 'docker rmi a:1' });
  expect(imageRemoval(image, 'a:1', client).question).toBeUndefined();
  expect(imageRemoval({ ...image, tags: ['a:1'] }, 'a:1', client).question?.title).toBe('Remove a:1?');
  expect(imageRemoval({ ...image, tags: [] }, undefined, client).command).toBe('docker rmi 0123456789ab');
});

test('what goes wrong stands with the thing, until it is tried again or put away', async () => {
  const actions = new PaneActions(() => Promise.resolve(''));
  const [stop] = containerActions(container('running'), client);
  const running = actions.run('web', stop!);
  expect(actions.stateOf('web')).toEqual({ busy: 'Stop' });
  await running;
  expect(actions.stateOf('web')).toEqual({ error: 'Nothing answers.' });
  expect(actions.stateOf('other')).toEqual({});
  await actions.run('web', { ...stop!, run: () => Promise.resolve() });
  expect(actions.stateOf('web')).toEqual({});
});

test('nothing is done when the learner changes his mind', async () => {
  let done = 0;
  const action = { ...containerActions(container('exited'), client)[1]!, run: () => Promise.resolve(void done++) };
  await new PaneActions(() => Promise.resolve(undefined)).run('web', action);
  expect(done).toBe(0);
  const asked: string[] = [];
  await new PaneActions(question => (asked.push(question.title), Promise.resolve(''))).run('web', action);
  expect(done).toBe(1);
  expect(asked).toEqual(['Remove web?']);
});
