import { describe, expect, test } from 'vitest';
import { requirementsOf } from '../../../src/node/builder/packages/requires-text.ts';
import { completeMetadata, upstreamVersion, type PackageKnowledge } from '../../../src/node/builder/packages/wheel-metadata.ts';
import { pythonDependencies } from '../../../src/node/builder/packages/wheel-sets.ts';

const nothing: PackageKnowledge = { debianVersion: '1.1.2-2', requiresText: undefined, dependencies: undefined, relaxed: [], dropped: [] };

describe('requires.txt', () => {
  test('becomes Requires-Dist and Provides-Extra', () => {
    const text = `Werkzeug>=0.15
Jinja2

[:python_version < "3.8"]
importlib-metadata

[dev]
pytest

[socks:sys_platform == "win32" or python_version == "2.7"]
win_inet_pton; os_name == "nt"
`;
    expect(requirementsOf(text)).toEqual([
      'Provides-Extra: dev',
      'Provides-Extra: socks',
      'Requires-Dist: Werkzeug>=0.15',
      'Requires-Dist: Jinja2',
      'Requires-Dist: importlib-metadata; python_version < "3.8"',
      'Requires-Dist: pytest; extra == "dev"',
      'Requires-Dist: win_inet_pton; os_name == "nt" and (sys_platform == "win32" or python_version == "2.7") and extra == "socks"',
    ]);
  });
});

describe('the metadata of a package with an .egg-info', () => {
  const metadata = 'Metadata-Version: 1.2\nName: Flask\nVersion: 1.1.2\n\nText\n';

  test('gets what requires.txt says, and what Debian’s package depends on, each once', () => {
    const made = completeMetadata(metadata, { ...nothing, requiresText: 'click>=5\n[dev]\npytest\n', dependencies: ['click', 'werkzeug', 'pytest'] });
    expect(made).toBe(`Metadata-Version: 2.1
Name: Flask
Version: 1.1.2
Provides-Extra: dev
Requires-Dist: click>=5
Requires-Dist: pytest; extra == "dev"
Requires-Dist: werkzeug
Requires-Dist: pytest

Text
`);
  });
});

describe('requirements', () => {
  const metadata =
    'Metadata-Version: 2.1\nName: x\nVersion: 1\nRequires-Dist: packaging[a]<25,>=21; python_version > "3"\nRequires-Dist: tzdata>=2025.2\n';

  test('lose their versions, or are left out, where Debian’s packages need it', () => {
    expect(completeMetadata(metadata, { ...nothing, relaxed: ['packaging'], dropped: ['tzdata'] })).toContain(
      'Version: 1\nRequires-Dist: packaging[a]; python_version > "3"\n',
    );
    expect(completeMetadata(metadata, { ...nothing, dropped: ['tzdata'] })).not.toContain('tzdata');
  });

  test('are otherwise as they were', () => expect(completeMetadata(metadata, nothing)).toBe(metadata));
});

test.each([
  ['1.13.2.dev0', '1.13.2-4', '1.13.2'],
  ['0.0.0', '3:2.0.2-2', '2.0.2'],
  ['2.2.3+dfsg', '2.2.3+dfsg-9', '2.2.3'],
  ['4.2.28', '3:4.2.28-0+deb13u2', '4.2.28'],
])('the version %s of Debian’s %s is %s', (told, debianVersion, version) => {
  expect(completeMetadata(`Metadata-Version: 2.1\nName: x\nVersion: ${told}\n`, { ...nothing, debianVersion })).toContain(`\nVersion: ${version}\n`);
  expect(upstreamVersion(debianVersion)).toBe(version);
});

test('of what a Debian package depends on Python packages count, a part as its whole', () => {
  const field =
    'python3-werkzeug (>= 0.15), python3-pkg-resources | other, python3:any, python3-distutils, libc6 (>= 2), python3-cffi-backend-api-max (>= 9729), python3-numpy-abi9';
  expect(pythonDependencies(field)).toEqual(['python3-werkzeug', 'python3-setuptools', 'python3-cffi']);
});
