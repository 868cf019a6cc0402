import { code, listed, similar } from '../phrases.ts';
import type { CheckRule, Failure } from './rule.ts';

/** Networks that the engine has of its own. */
const OWN_NETWORKS: readonly string[] = ['bridge', 'host', 'none'];

export const networkRule: CheckRule<'network'> = {
  triggers: ['engine'],
  describe: ({ network, exists }) => `There is ${exists === false ? 'no' : 'a'} network ${code(network)}`,
  async judge({ network, exists }, probe) {
    const names = (await probe.networks()).map(one => one.name);
    return judgeName(
      'network',
      network,
      exists,
      names,
      names.filter(name => !OWN_NETWORKS.includes(name)),
    );
  },
};

export const volumeRule: CheckRule<'volume'> = {
  triggers: ['engine'],
  describe: ({ volume, exists }) => `There is ${exists === false ? 'no' : 'a'} volume ${code(volume)}`,
  async judge({ volume, exists }, probe) {
    const names = (await probe.volumes()).map(one => one.name);
    return judgeName('volume', volume, exists, names, names);
  },
};

function judgeName(
  kind: 'network' | 'volume',
  name: string,
  exists: boolean | undefined,
  names: readonly string[],
  made: readonly string[],
): Failure | undefined {
  const isThere = names.includes(name);
  if (exists === false) {
    return isThere
      ? { expected: `There is no ${kind} ${code(name)}.`, found: 'It is there.', hint: `Remove it: ${code(`docker ${kind} rm ${name}`)}` }
      : undefined;
  }
  if (isThere) return undefined;
  const near = similar(name, made);
  const shown = near.length > 0 ? near : made;
  return {
    expected: `There is a ${kind} ${code(name)}.`,
    found: shown.length === 0 ? `You have not made a ${kind} yet.` : `There is no ${kind} of that name, but there is ${listed(shown)}.`,
    hint: `Make it: ${code(`docker ${kind} create ${name}`)}`,
  };
}
