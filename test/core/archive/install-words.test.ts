import { describe, expect, test } from 'vitest';
import { installWords, TypedInstalls } from '../../../src/core/archive/install-words.ts';

describe('what a text has apt install', () => {
  test.each([
    ['apt-get install curl', ['curl']],
    ['RUN apt-get update && apt-get install -y --no-install-recommends git libstdc++6 && rm -rf /var/lib/apt/lists/*', ['git', 'libstdc++6']],
    [
      'RUN apt-get update -qq \\\n && apt-get -y install \\\n    # a remark\n    vim=2:9.1 \\\n    tree/stable \\\n    jq:i386 \\\n  && true\nRUN echo x',
      ['vim', 'tree', 'jq'],
    ],
    ['sudo apt install -y cowsay; cowsay hi | cat', ['cowsay']],
    ['RUN ["apt-get", "install", "-y", "figlet", "sl"]', ['figlet', 'sl']],
    ['Type `apt install nano` and look', ['nano', 'and', 'look']],
    ['docker exec box sh -c "apt-get install -y rig"', ['rig']],
    ['apt-get install $PACKAGES ./own.deb', []],
    ['npm install express', []],
    ['apt-get update\nnpm install express', []],
    ['apt-get remove curl', []],
  ])('%s', (text, names) => expect(installWords(text)).toEqual(names));
});

test('what is typed on a terminal counts once its line is over, however it is cut', () => {
  const shown = '\x1b[?2004hroot@box:/# apt install \x1b[1mpv\x1b[0m rig\r\nE: Unable\r\n';
  for (let cut = 0; cut < shown.length; cut++) {
    const typed = new TypedInstalls();
    const found = [shown.slice(0, cut), shown.slice(cut)].flatMap(part => typed.take(new TextEncoder().encode(part)));
    expect(found).toEqual(['pv', 'rig']);
  }
  const typed = new TypedInstalls();
  expect(typed.take(new TextEncoder().encode('# apt install r'))).toEqual([]);
  expect(typed.take(new TextEncoder().encode('ig\r\n'))).toEqual(['rig']);
});
