import { describe, expect, test } from 'vitest';
import { parseLesson } from '../../../src/core/lesson/format/parse-lesson.ts';
import { blocksOf, folder, HEAD, lessonOf, problemsOf, stepProblems } from './lesson-folder.ts';

describe('a lesson that is right', () => {
  const text = `---
title: Your first image
summary: Write a program and build an image of it.
minutes: 20
variables:
  user: { label: Your name, default: student, pattern: '[a-z0-9]{3,20}' }
open: app.py
panel: library
setup: [ docker rm -f web ]
---

Welcome.

## Write the {{user}} program {#program}

Text with \`code\` and hello:v1 at localhost:8888.

\`\`\`python file=hello.py
print("Hello")
\`\`\`

\`\`\`sh
docker build -t {{user}}/hello:v1 .
\`\`\`

\`\`\`sh norun
cd /tmp
\`\`\`

\`\`\`console
Hello
\`\`\`

:::hint[It says "no such file"?]
Look.

\`\`\`sh
ls
\`\`\`
:::

\`\`\`check
- file: hello.py
  contains: /print\\(.*Hello/
- image: '{{user}}/hello:v1'
  base: python:3.13-slim
\`\`\`

\`\`\`solution
# for the author
docker build \\
  -t {{user}}/hello:v1 .
docker run -it x bash
> ls
>
^C
lab: start vm
\`\`\`

## It’s the 2nd: Größe

\`\`\`quiz
question: Which?
options:
  - { text: FROM, correct: true }
  - { text: BASE, why: There is none. }
\`\`\`

\`\`\`check
- typed: docker images
\`\`\`
`;
  const lesson = lessonOf(text, { 'files/app.py': 'x', 'solution/program/hello.py': 'print("Hello")', '.git': '', 'files/.dockerignore': 'x' });

  test('has its front matter, introduction, files and steps', () => {
    expect(lesson.frontMatter).toMatchObject({
      title: 'Your first image',
      minutes: 20,
      open: 'app.py',
      panel: 'library',
      setup: ['docker rm -f web'],
    });
    expect(lesson.introduction).toEqual([{ kind: 'text', content: [{ type: 'paragraph', children: [{ type: 'text', value: 'Welcome.' }] }] }]);
    expect([...lesson.files.keys()]).toEqual(['app.py', '.dockerignore']);
    expect(lesson.steps.map(({ id, title }) => ({ id, title }))).toEqual([
      { id: 'program', title: 'Write the {{user}} program' },
      { id: 'its-the-2nd-grosse', title: 'It’s the 2nd: Größe' },
    ]);
  });

  test('code blocks have the buttons that their first line gives them', () => {
    const code = lesson.steps[0]!.blocks.flatMap(block => (block.kind === 'code' ? [block.code] : []));
    expect(code).toEqual([
      { language: 'python', text: 'print("Hello")\n', actions: ['save', 'copy'], file: 'hello.py' },
      { language: 'shell', text: 'docker build -t {{user}}/hello:v1 .', actions: ['run', 'copy'] },
      { language: 'shell', text: 'cd /tmp', actions: ['copy'] },
      { language: '', text: 'Hello', actions: [] },
    ]);
  });

  test('a colon in a text begins nothing', () => {
    expect(JSON.stringify(lesson.steps[0]!.blocks[0])).toContain('hello:v1 at localhost:8888.');
  });

  test('a hint has a title and blocks', () => {
    expect(lesson.steps[0]!.blocks.find(block => block.kind === 'hint')).toMatchObject({
      title: 'It says "no such file"?',
      blocks: [{ kind: 'text' }, { kind: 'code', code: { text: 'ls', actions: ['run', 'copy'] } }],
    });
  });

  test('checks and quizzes have ids and places', () => {
    expect(lesson.steps[0]!.checks).toMatchObject([
      { id: 'program/check-1', kind: 'file', source: { file: 'hello.py' }, place: { file: 'lesson.md', line: 43, column: 3 } },
      { id: 'program/check-2', kind: 'image', source: { image: '{{user}}/hello:v1' }, place: { line: 45 } },
    ]);
    expect(lesson.steps[1]).toMatchObject({
      checks: [{ id: 'its-the-2nd-grosse/check-1', kind: 'typed' }],
      quizzes: [{ id: 'its-the-2nd-grosse/quiz-1', kind: 'choice' }],
    });
    expect(lesson.steps[1]!.blocks).toEqual([{ kind: 'quiz', quiz: lesson.steps[1]!.quizzes[0] }]);
  });

  test('a solution has files and lines', () => {
    const { files, lines } = lesson.steps[0]!.solution;
    expect([...files.keys()]).toEqual(['hello.py']);
    expect(lines).toEqual([
      { kind: 'command', text: 'docker build \\\n  -t {{user}}/hello:v1 .' },
      { kind: 'command', text: 'docker run -it x bash' },
      { kind: 'input', text: 'ls' },
      { kind: 'input', text: '' },
      { kind: 'key', key: 'C' },
      { kind: 'lab', action: 'start vm' },
    ]);
  });

  test('Windows line ends and a byte order mark change nothing', () => {
    const other = `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    expect(lessonOf(other, { 'files/app.py': 'x', 'solution/program/hello.py': '' }).steps[0]!.blocks).toEqual(lesson.steps[0]!.blocks);
  });
});

describe('Markdown', () => {
  test('tables, and links by reference, become plain nodes without positions', () => {
    const [block] = blocksOf('| a | b |\n|---|---|\n| 1 | 2 |\n\nSee [the docs][d].\n\n[d]: https://docs.docker.com/ "Title"');
    expect(block).toMatchObject({
      kind: 'text',
      content: [
        { type: 'table' },
        { type: 'paragraph', children: [{ type: 'text' }, { type: 'link', url: 'https://docs.docker.com/' }, { type: 'text', value: '.' }] },
      ],
    });
    expect(JSON.stringify(block)).not.toContain('position');
  });

  test('comments are left out, indented text is no code, a line of dashes makes no heading', () => {
    expect(blocksOf('<!-- note -->\n\n    four blanks\n\nText\n---')).toMatchObject([
      { kind: 'text', content: [{ type: 'paragraph' }, { type: 'paragraph' }, { type: 'thematicBreak' }] },
    ]);
  });

  test.each([
    ['An <b>inline</b> tag', '1:4: HTML is not allowed (`<b>`).'],
    ['<script>\nalert(1)\n</script>', '1:1: HTML is not allowed (`<script> alert(1) </script>`).'],
    ['<!-- a --><img src=x onerror=y><!-- b -->', '1:1: HTML is not allowed'],
    ['![x](https://evil.example/x.png)', '1:1: A lesson cannot show images'],
    ['[x](javascript:alert(1))', '1:1: A link cannot lead to `javascript:alert(1)`. Allowed: `file:app.py#L3`'],
    ['[x](data:text/html,x)', '1:1: A link cannot lead to `data:text/html,x`.'],
    ['[x](other.md)', '1:1: A link cannot lead to `other.md`.'],
    ['[x](panel:librari)', '1:1: A link cannot lead to `panel:librari`.'],
    ['[x](terminal:4)', '1:1: A link cannot lead to `terminal:4`.'],
    ['[x](port:99999/)', '1:1: A link cannot lead to `port:99999/`.'],
    ['a [x][r]\n\n[r]: vbscript:x', '1:3: A link cannot lead to `vbscript:x`.'],
    ['* [x](file:gone.py)', '1:3: No file `gone.py` is in `files/` or `solution/`'],
    ['# Title', '1:1: The title of the lesson belongs in the front matter'],
    ['> ## Step', '1:3: A step (`## …`) cannot begin here'],
    ['1. do\n\n   ```sh\n   ls\n   ```', '3:4: A block with a button must stand by itself'],
    ['1. do\n\n   ```check\n   - file: x\n   ```', '3:4: A `check` block must stand by itself'],
    [':::hint[x]\ntext', '1:1: This hint is never closed'],
    [':::hnit[x]\ntext\n:::', '1:1: `:::hnit` is unknown'],
    ['::: hint\ntext\n:::', '1:1: Write a hint like this'],
    [':::hint[x]\n```quiz\nquestion: x\npredict: text\n```\n:::', '2:1: A `quiz` block must stand by itself: not in a hint.'],
    ['* :::hint[x]\n  text\n  :::', '1:3: A hint must stand by itself'],
    ['```chek\n- file: x\n```', '1:1: Unknown language `chek`. Did you mean `check`?'],
    ['```shell\nls\n```', '1:1: Unknown language `shell`. Did you mean `sh`?'],
    ['```Docker\nFROM x\n```', '1:1: Unknown language `Docker`. Did you mean `dockerfile`?'],
    ['```shell-session\n$ ls\n```', '1:1: Unknown language `shell-session`. Did you mean `console`?'],
    [
      '```cobol\nx\n```',
      '1:1: Unknown language `cobol`. For a language that is not known here, write `text`. Commands to run are `sh`, and what they show is `console`.',
    ],
    ['```sh noruns\nls\n```', '1:1: `noruns` means nothing here. Did you mean `norun`?'],
    ['```python norun\nx\n```', '1:1: `norun` goes with `sh` only'],
    ['```python file=../x.py\nx\n```', '1:1: `file=../x.py` names no file in the workspace'],
    ['```python\nx', '1:1: This block is never closed'],
    ['```check now\n- file: x\n```', '1:1: Nothing may follow `check` on its line.'],
    ['```solution\nls\n^Z\n```', '3:1: Unknown key `^Z`'],
    ['```solution\nlab: start vmm\n```', '2:1: The lab cannot `start vmm`. Did you mean `start vm`?'],
  ])('%j is refused at its place', (text, message) => {
    expect(stepProblems(text).join('\n')).toContain(message);
  });

  test('files that a link may open are those of files/, solution/ and save buttons', () => {
    const links = '[a](file:a.py) [b](file:sub/b.py#L3) [c](file:c%20c.py)';
    expect(stepProblems(`${links}\n\`\`\`python file=a.py\n\`\`\``, { 'files/sub/b.py': '', 'solution/one/c c.py': '' })).toEqual([]);
  });
});

describe('front matter', () => {
  test.each([
    ['## One\n', '1:1: A lesson begins with its front matter'],
    ['---\ntitle: T\n', '1:1: The front matter is never closed'],
    ['---\ntitle: T\nsummary: S\n---\n## One\n', '2:1: `minutes` is missing: How long it takes.'],
    ['---\ntitel: T\nsummary: S\nminutes: 5\n---\n## One\n', '2:1: Unknown field `titel`. Did you mean `title`?'],
    ['---\ntitle: T\nsummary: S\nminutes: long\n---\n## One\n', '4:10: `minutes` must be a whole number; this is `long`.'],
    ['---\ntitle: 5\nsummary: S\nminutes: 5\n---\n## One\n', "2:8: `title` must be text; this is the number 5. Put it into quotes: '5'."],
    ['---\ntitle: a: b\nsummary: S\nminutes: 5\n---\n## One\n', '2:8: This line is not valid YAML. A text with `: ` in it needs quotes'],
    ['---\ntitle: T\ntitle: U\nsummary: S\nminutes: 5\n---\n## One\n', '3:1: This field is here twice'],
    [
      '---\ntitle: T\nsummary: S\nminutes: 5\npanel: librari\n---\n## One\n',
      '5:8: `panel` must be one of `browser`, `containers`, `library`, `lab`; this is `librari`.',
    ],
    ['---\ntitle: T\nsummary: S\nminutes: 5\nopen: x.py\n---\n## One\n', '5:7: There is no `files/x.py`'],
    ['---\ntitle: T\nsummary: S\nminutes: 5\nsetup: [ls, 3]\n---\n## One\n', '5:13: Item 2 of `setup` must be text; this is the number 3.'],
    [
      '---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { User: { label: L, default: d } }\n---\n## One\n',
      '5:14: The name `User` cannot be used: it begins with a small letter and has letters and digits only. Write `user`.',
    ],
    [
      '---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { my-name: { label: L, default: d } }\n---\n## One\n',
      '5:14: The name `my-name` cannot be used: it begins with a small letter and has letters and digits only. Write `myName`.',
    ],
    [
      "---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { '2nd': { label: L, default: d } }\n---\n## One\n",
      '5:14: The name `2nd` cannot be used: it begins with a small letter and has letters and digits only, like `user`.',
    ],
    [
      '---\ntitle: T\nsummary: S\nminutes: 15 min\n---\n## One\n',
      '4:10: `minutes` must be a whole number; this is `15 min`. Write only the number: 15.',
    ],
    ["---\ntitle: T\nsummary: S\nminutes: '15'\n---\n## One\n", '4:10: `minutes` must be a whole number; this is `15`. Write it without quotes: 15.'],
    [
      "---\ntitle: T\nsummary: S\nminutes: 5\ncleanup: docker rm 'a'\n---\n## One\n",
      "5:10: `cleanup` must be a list of texts; this is `docker rm 'a'`. Write it as a list, even if it has one item: `cleanup: [ 'docker rm ''a''' ]`.",
    ],
    [
      '---\ntitle: T\nsummary: S\nminutes: 5\nsetup:\n\t- ls\n---\n## One\n',
      '6:1: This line is indented with a tab: indent with spaces, not with tabs.',
    ],
    [
      "---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { user: { label: L, default: d, pattern: '(' } }\n---\n## One\n",
      '5:53: `pattern` is not a valid regular expression',
    ],
    [
      "---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { user: { label: L, default: D, pattern: '[a-z]+' } }\n---\n## One\n",
      '5:41: The default does not fit the pattern.',
    ],
    ['---\ntitle: !!js/function x\nsummary: S\nminutes: 5\n---\n## One\n', '2:8: A text that begins with `!` needs quotes in YAML.'],
    ['---\n- a\n---\n## One\n', '2:1: This must be fields'],
  ])('%j', (text, message) => expect(problemsOf(text).join('\n')).toContain(`lesson.md:${message}`));

  test('aliases that would fill the memory are refused', () => {
    const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`);
    expect(problemsOf(`---\na0: &a0 [x]\n${levels.join('\n')}\n---\n## One\n`).join('\n')).toContain('This YAML cannot be read');
  });
});

describe('checks and quizzes', () => {
  const check = (yaml: string) => stepProblems(`\`\`\`check\n${yaml}\n\`\`\``);
  const quiz = (yaml: string) => stepProblems(`\`\`\`quiz\n${yaml}\n\`\`\``);

  test.each([
    ['- fil: x', '2:3: Unknown kind of check `fil`. Did you mean `file`?'],
    ['- file: x\n  contain: y', '3:3: Unknown field `contain`. Did you mean `contains`?'],
    ['- file: ../x', '2:9: `file` is not a path in the workspace'],
    ['- file: x\n  contains: /(/', '3:13: `contains` is not a valid regular expression'],
    ['- file: x\n  contains: [a, /x/q!/]\n- file: x\n  contains: [a, /x(/]', '5:17: Item 2 of `contains` is not a valid regular expression'],
    ['- file: x\n  contains: 3', "3:13: `contains` must be text or a list of texts; this is the number 3. Put it into quotes: '3'."],
    ['- file: x\n  exists: false\n  contains: y', '4:13: `contains` cannot be asked of something that must not exist'],
    ['file: x', '2:1: A `check` block is a list'],
    ['', '2:1: A `check` block is a list'],
    ['- x', '2:3: A check is a field with a value'],
    ['- image: {{user}}/hello', '2:'],
    ['- http: 8888', "2:9: `http` must be text; this is the number 8888. Put it into quotes: '8888'."],
    ['- http: hello', '2:9: `http` must be a port and a path'],
    ['- container: { imge: x }', '2:14: `image` is missing'],
    ['- container: { image: x, imge: x }', '2:26: Unknown field `imge`. Did you mean `image`?'],
    ['- container: x\n  state: runing', '3:10: `state` must be one of `created`, `running`, `paused`, `exited`; this is `runing`.'],
    ['- lab: vm-crashed', '2:8: `lab` must be one of `vm-answered`'],
    ['- image: x\n  exposes: 0', '3:12: `exposes` must be 1 or more.'],
    [
      '- file: x\n  typed: ls',
      '3:3: A check has one kind, and this one has two: `file`, `typed`. Write a check for each: `- typed: …` on a line of its own.',
    ],
    ['- container: x\n  http: 8888/\n  lab: vm-stopped', '3:3: A check has one kind, and this one has several: `container`, `http`, `lab`.'],
    ['- file: x\n  network: n', '3:3: A check has one kind, and this one has two: `file`, `network`.'],
    ["- command: ls\n  exitCode: '3'", '3:13: `exitCode` must be a whole number; this is `3`. Write it without quotes: 3.'],
    ['- file: x\n  exists: no', '3:11: `exists` must be `true` or `false`; this is `no`. Write false, without quotes.'],
    ['- image: x\n  command: python3 app.py', '3:12: `command` must be a list of texts; this is `python3 app.py`. Write it as a list'],
    ['- command: ls\n  output: {{x}}', "3:11: A text that begins with `{{` needs quotes in YAML: `'{{x}}'`."],
    ['- command: ls\n  output: [ok, {{x}}/y]', "A text that begins with `{{` needs quotes in YAML: `'{{x}}/y'`."],
    ['- file: x\n\tcontains: y', '3:1: This line is indented with a tab: indent with spaces, not with tabs.'],
    ['- file: x\n  contains:\n  \t- y', '4:3: This line is indented with a tab: indent with spaces, not with tabs.'],
    ['- container: x\n  environment: { A: /(/ }', '3:21: `A` is not a valid regular expression'],
    ['- typed: [docker, /(/]', '2:19: Item 2 of `typed` is not a valid regular expression'],
    ['- typed: x\n  exitCode: some', '3:13: `exitCode` must be a whole number or `any`; this is `some`.'],
  ])('check %j', (yaml, message) => expect(check(yaml).join('\n')).toContain(message));

  test('of a block that is no YAML the first mistake is told, and not what follows from it', () => {
    const tabs = [
      '- container: web',
      '\tstate: running',
      '\tenvironment:',
      '\t\tA: b',
      '- file: x',
      '\tcontains: [a, b',
      '- http: 8888/',
      '\tbody: x',
    ];
    expect(check(tabs.join('\n'))).toEqual(['3:1: This line is indented with a tab: indent with spaces, not with tabs.']);
    expect(check('- file: "a\n- file: b: c\n- file: @d')).toHaveLength(1);
  });

  test('a tab inside a text is no mistake', () => {
    expect(check('- file: Makefile\n  contains: |\n    all:\n    \techo')).toEqual([]);
  });

  test('a container may name a network and a volume, an image a command', () => {
    expect(check('- network: n\n  container: c\n- volume: v\n  container: { image: i }\n- command: [a]\n  image: i')).toEqual([]);
  });

  test('unquoted braces are explained', () => {
    expect(check('- image: {{user}}/hello').join('\n')).toContain('needs quotes in YAML');
  });

  test.each([
    ['question: Q', '2:1: This question has no answer: give it one of `options`, `answer`, `answerFrom`, `predict`.'],
    ['question: Q\nanswers: a', '3:1: Unknown field `answers`. Did you mean `answer`?'],
    ['question: Q\nanswers: [a, b]', '3:1: Unknown field `answers`. Did you mean `options`?'],
    ['question: Q\npredicts: text', '3:1: Unknown field `predicts`. Did you mean `predict`?'],
    ['- question: Q', '2:1: A `quiz` block holds one question'],
    ['question: Q\noptions: [{ text: a }, { text: b }]', '3:10: `options` needs one with `correct: true`.'],
    ['question: Q\noptions: [{ text: a, correct: true }]', '3:10: `options` needs 2 items at least.'],
    ['question: Q\nanswer: a\nanswerFrom: b', '4:13: `answerFrom` cannot be used together with `answer`'],
    ['question: Q\nanswer: /(/', '3:9: `answer` is not a valid regular expression'],
    ['question: Q\npredict: numbr', '3:10: `predict` must be one of `number`, `text`; this is `numbr`.'],
    ['question: Q\nanswer: 3', "3:9: `answer` must be text; this is the number 3. Put it into quotes: '3'."],
  ])('quiz %j', (yaml, message) => expect(quiz(yaml).join('\n')).toContain(message));

  test('what is checked is checked with the defaults of the variables', () => {
    const head = "---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { port: { label: P, default: '8888' } }\n---\n";
    expect(problemsOf(`${head}## One\n[x](port:{{port}}/)\n\`\`\`check\n- http: '{{port}}/about'\n\`\`\`\n`)).toEqual([]);
  });

  test('a variable cannot stand where a number is wanted', () => {
    const head = "---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { code: { label: C, default: '3' } }\n---\n";
    expect(problemsOf(`${head}## One\n\`\`\`check\n- command: ls\n  exitCode: '{{code}}'\n\`\`\`\n`)).toEqual([
      'lesson.md:10:13: `exitCode` must be a whole number; this is `{{code}}`, with the defaults of its variables `3`. A variable is always text and cannot be used here: write the value itself.',
    ]);
  });

  test('belong to a step', () => {
    expect(problemsOf(`${HEAD}\`\`\`check\n- file: x\n\`\`\`\n## One\n`)).toEqual([
      'lesson.md:6:1: A `check` block belongs to a step: put it below a `## ` heading.',
    ]);
  });
});

describe('variables that are none', () => {
  const head = '---\ntitle: T\nsummary: S\nminutes: 5\nvariables: { name: { label: N, default: ada } }\n---\n## One\n';

  test.each([
    ['Hello {{nmae}}!', '8:7: There is no variable `nmae`. Did you mean `{{name}}`? To show these letters as they are, write `\\{{nmae}}`.'],
    ['Hello {{Name}}!', '8:7: There is no variable `Name`. Did you mean `{{name}}`?'],
    [
      'Hello {{ name }}!',
      '8:7: `{{ name }}` is not a variable, because it has spaces inside: write `{{name}}`. To show these letters as they are, write `\\{{ name }}`.',
    ],
    ['Hello {{colour}}!', '8:7: There is no variable `colour`. Declare it under `variables` in the front matter.'],
    ["```check\n- image: '{{nmae}}/x'\n```", '9:11: There is no variable `nmae`.'],
    ['```solution\ndocker pull {{nmae}}/x\n```', '9:13: There is no variable `nmae`.'],
  ])('%j', (text, message) => expect(problemsOf(head + text).join('\n')).toContain(`lesson.md:${message}`));

  test('formats of docker, other templates, escapes and what a lesson declares are no mistakes', () => {
    const text = "{{name}} `docker ps --format '{{range .Ports}}{{.Id}}{{end}}'` \\{{nmae}} {{ title }} {{json .}}";
    expect(problemsOf(`${head}${text}\n`)).toEqual([]);
  });

  test('in files only what is nearly a variable is a mistake: they may be templates of their own', () => {
    expect(problemsOf(`${head}\`\`\`html file=x.html\n{{title}} {{ name }}\n{{nmae}}\n\`\`\`\n`)).toEqual([
      'lesson.md:10:1: There is no variable `nmae`. Did you mean `{{name}}`? To show these letters as they are, write `\\{{nmae}}`.',
    ]);
    const files = { 'files/page.html': '<h1>\n{{title}} {{ name }} {{nmae}}', 'solution/one/x.txt': '\\{{nmae}}', 'files/{{name}}.txt': '{{name}}' };
    expect(problemsOf(`${head}Text\n`, files)).toEqual([
      'files/page.html:2:22: There is no variable `nmae`. Did you mean `{{name}}`? To show these letters as they are, write `\\{{nmae}}`.',
    ]);
  });
});

describe('steps and files', () => {
  test('no steps', () =>
    expect(problemsOf(`${HEAD}Text\n`)).toEqual(['lesson.md:1:1: The lesson has no steps: begin each with a heading `## Its title`.']));

  test.each([
    ['## One\n## One\n', '7:1: The step on line 6 has the id `one` too'],
    ['## One {#a}\n## Two {#a}\n', '7:1: The step on line 6 has the id `a` too'],
    ['## One {#A b}\n', '6:1: `{#A b}` is not an id'],
    ['## 漢字\n', '6:1: No id can be made from this title'],
    ['## {#a}\n', '6:1: This step has no title.'],
  ])('%j', (text, message) => expect(problemsOf(HEAD + text).join('\n')).toContain(`lesson.md:${message}`));

  test('files that belong nowhere', () => {
    const files = { 'solution/oen/x.py': '', 'solution/x.py': '', 'file/x.py': '', 'leson.md': '', '.DS_Store': '', 'files/.DS_Store': '' };
    expect(problemsOf(`${HEAD}## One\n`, files)).toEqual([
      'file/x.py:1:1: This belongs to no part of a lesson: a lesson has `lesson.md`, `files/` and `solution/`. Did you mean `files`?',
      'leson.md:1:1: This belongs to no part of a lesson: a lesson has `lesson.md`, `files/` and `solution/`. Did you mean `lesson.md`?',
      'solution/oen/x.py:1:1: There is no step `oen`. Did you mean `one`?',
      'solution/x.py:1:1: Files of a solution belong in a folder with the name of their step: `solution/<step id>/…`.',
    ]);
  });

  test('all problems are told at once, from top to bottom', () => {
    const problems = problemsOf('---\ntitel: T\n---\n<b>x</b>\n## One\n[x](y:z)\n```check\n- fil: x\n```\n## One\n');
    expect(problems.map(line => line.split(': ')[0])).toEqual([
      'lesson.md:2:1',
      'lesson.md:2:1',
      'lesson.md:2:1',
      'lesson.md:2:1',
      'lesson.md:4:1',
      'lesson.md:4:5',
      'lesson.md:6:1',
      'lesson.md:8:3',
      'lesson.md:10:1',
    ]);
  });

  test('a folder without lesson.md, one that is no text, and too many files', () => {
    expect(parseLesson('x', new Map()).problems).toMatchObject([{ message: 'The folder has no `lesson.md`: that file is the lesson.' }]);
    expect(parseLesson('x', folder({ 'lesson.md': Uint8Array.of(0xff, 0xfe) })).problems).toMatchObject([
      { message: 'This file is not UTF-8: save it in that encoding.' },
    ]);
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`files/${index}`, '']));
    expect(problemsOf(`${HEAD}## One\n`, many)).toEqual(['lesson.md:1:1: The lesson has 202 files; 200 are allowed.']);
    expect(problemsOf(`${HEAD}## One\n`, { 'files/a': 'x'.repeat(2 * 1024 * 1024) }).join()).toContain('bytes; 2097152 are allowed.');
  });

  test.each([
    ['>'.repeat(20_000), '7:1: This line has more than 2000 characters. Break it.'],
    ['>'.repeat(20), '7:1: This line has more than 6 signs of lists or quotes. Nest less.'],
    [`${' '.repeat(70)}x`, '7:1: This line has more than 60 spaces at its beginning. Indent less.'],
    ['['.repeat(200), '7:1: This line has more than 100 brackets, stars, underscores, backticks and bars. Break it.'],
    [
      `${'*a '.repeat(90)}\n`.repeat(50),
      '1:1: The text has more than 4000 brackets, stars, underscores, backticks and bars. Make two lessons of it.',
    ],
    [':::hint[x]\n'.repeat(200), '1:1: The text has more than 100 lines that begin with `:::`. Use fewer hints.'],
    ['- - - x\n'.repeat(200), '1:1: The text has more than 100 lines in three lists or quotes. Nest less.'],
    ['x\n'.repeat(40_000), '1:1: The text has more than 60000 characters. Make two lessons of it.'],
  ])('a text that would take long to read is refused (%.20j)', (text, problem) =>
    expect(problemsOf(`${HEAD}## One\n${text}`)).toEqual([`lesson.md:${problem}`]),
  );

  test('of very many problems the first are told', () => {
    const found = problemsOf(`${HEAD}${'## a\n'.repeat(1000)}`);
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toContain('There are 899 more problems from here on.');
  });
});
