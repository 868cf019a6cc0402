import type { LabMoment } from '../check-schema.ts';
import type { CheckRule } from './rule.ts';

const sentences: Readonly<Record<LabMoment, { readonly expected: string; readonly hint: string }>> = {
  'vm-answered': { expected: 'The virtual machine has answered', hint: 'Start the virtual machine in the Lab, and wait for its first answer.' },
  'container-answered': { expected: 'The container has answered', hint: 'Start the container in the Lab, and wait for its first answer.' },
  'vm-stopped': { expected: 'The virtual machine was stopped', hint: 'Stop the virtual machine in the Lab.' },
  'vm-kernel-crashed': { expected: 'The kernel of the virtual machine has crashed', hint: 'Crash the kernel of the virtual machine in the Lab.' },
  'container-stopped': { expected: 'The container was stopped', hint: 'Stop the container of the Lab.' },
};

export const labRule: CheckRule<'lab'> = {
  triggers: ['lab'],
  describe: ({ lab }) => sentences[lab].expected,
  judge({ lab }, probe) {
    if (probe.labMoments.has(lab)) return Promise.resolve(undefined);
    const { expected, hint } = sentences[lab];
    return Promise.resolve({ expected: `${expected}.`, found: 'That has not happened in this step yet.', hint });
  },
};
