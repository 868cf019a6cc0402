import { describe, expect, test } from 'vitest';
import { substitute, variableProblem, withVariables } from '../../../src/core/lesson/format/variables.ts';
import { evaluateCheck } from '../../../src/core/lesson/check/evaluate-check.ts';
import { lessonOf } from './lesson-folder.ts';
import { probeOf } from './recorded-probe.ts';

const text = `---
title: For {{user}}
summary: S
minutes: 5
variables:
  user: { label: Name, default: student, pattern: '[a-z.]+' }
setup: [ 'docker rm -f {{user}}' ]
---
Hello **{{user}}**, {{.other}} and \\{{user}}. \`\\{{user}} {{user}}\`

## Step of {{user}} {#one}

[open](file:{{user}}.py)

\`\`\`python file={{user}}.py
print("{{user}}", f"{{ user }}")
\`\`\`

\`\`\`check
- command: docker image inspect -f '\\{{len .Layers}} {{.Id}}' {{user}}
  output: "/^{{user}}$/"
\`\`\`

\`\`\`solution
docker inspect -f '\\{{.Id}}' {{user}}
\`\`\`
`;
const lesson = lessonOf(text, { 'files/a.txt': 'by {{user}}', 'files/b.bin': '', 'solution/one/s.txt': 'by {{user}}' });
const read = (files: ReadonlyMap<string, Uint8Array>, path: string) => new TextDecoder().decode(files.get(path));

describe('withVariables', () => {
  const filled = withVariables(lesson, { user: 'ann' });
  const step = filled.steps[0]!;

  test('puts values into texts, code, checks, solutions and files', () => {
    expect(filled.frontMatter).toMatchObject({ title: 'For ann', setup: ['docker rm -f ann'], variables: { user: { default: 'student' } } });
    expect(step).toMatchObject({ id: 'one', title: 'Step of ann' });
    expect(JSON.stringify(step.blocks)).toContain('"url":"file:ann.py"');
    expect(step.blocks.find(block => block.kind === 'code')).toMatchObject({ code: { file: 'ann.py', text: 'print("ann", f"{{ user }}")\n' } });
    expect(read(filled.files, 'a.txt')).toBe('by ann');
    expect(read(step.solution.files, 's.txt')).toBe('by ann');
  });

  test('leaves other braces, and takes the backslash off', () => {
    expect(JSON.stringify(filled.introduction)).toContain('"value":", {{.other}} and {{user}}. "');
    expect(JSON.stringify(filled.introduction)).toContain('"value":"{{user}} ann"');
    expect(step.checks[0]).toMatchObject({ source: { command: "docker image inspect -f '{{len .Layers}} {{.Id}}' ann" } });
    expect(step.solution.lines).toEqual([{ kind: 'command', text: "docker inspect -f '{{.Id}}' ann" }]);
  });

  test('uses the default for what is missing or does not fit', () => {
    expect(withVariables(lesson, {}).frontMatter.title).toBe('For student');
    expect(withVariables(lesson, { user: 'x; rm -rf /' }).frontMatter.title).toBe('For student');
    expect(withVariables(lesson, { other: 'x' }).frontMatter.title).toBe('For student');
  });

  test('a value in a regular expression stands for itself', async () => {
    const [check] = withVariables(lesson, { user: 'a.b' }).steps[0]!.checks;
    const say = (stdout: string) => evaluateCheck(check!, probeOf({ run: { exitCode: 0, stdout, stderr: '' } }));
    expect(await say('a.b\n')).toEqual({ outcome: 'passed' });
    expect(await say('axb\n')).toMatchObject({ outcome: 'failed' });
  });
});

test('names of objects are no variables', () => expect(substitute('{{constructor}} {{toString}}', {})).toBe('{{constructor}} {{toString}}'));

test('what does not fit is said', () => {
  const variable = { label: 'Name', default: 'x' };
  expect(variableProblem(variable, 'a_b-1.c')).toBeUndefined();
  expect(variableProblem(variable, 'a b')).toBe('Name: "a b" does not fit; it must be letters, digits, `.`, `_` and `-`, 40 at most.');
  expect(variableProblem(variable, '')).toBe('Name: this cannot be empty.');
  expect(variableProblem({ ...variable, pattern: '[a-z]+' }, 'a1')).toBe('Name: "a1" does not fit; it must be [a-z]+.');
  expect(variableProblem({ ...variable, pattern: 'a|b' }, 'ab')).toContain('does not fit');
});
