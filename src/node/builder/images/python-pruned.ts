import type { PythonRelease } from './python-releases.ts';

/** Modules that test Python itself. */
const TEST_MODULES =
  /^(_testbuffer|_testcapi|_testclinic|_testclinic_limited|_testexternalinspection|_testimportmultiple|_testinternalcapi|_testlimitedcapi|_testmultiphase|_testsinglephase|_xxtestfuzz|_ctypes_test|xxlimited|xxlimited_35|xxsubtype)\./;

/** True for a compiled module that only tests of Python itself load. */
export function isTestModule(name: string): boolean {
  return TEST_MODULES.test(name);
}

/**
 * What a program in a container never uses, where Debian's packages have it: Python's tests of itself, the texts of help('topics'), modules that
 * stand in for compiled ones or need what is not there, tools for maintainer scripts and desktops.
 */
export function prunedOf({ version }: PythonRelease): string[] {
  const library = `usr/lib/python${version}`;
  return [
    ...['_pydecimal', '_pydatetime', '_pyio', 'turtle', '__phello__.foo'].map(name => `${library}/${name}.py`),
    ...['test', '__phello__', 'pydoc_data/topics.py', 'distutils/tests', 'lib2to3/tests', 'ctypes/test'].map(name => `${library}/${name}`),
    // Debian's own: for its packages' scripts, against pip in its folders, and a hook that does nothing.
    ...['EXTERNALLY-MANAGED', '_distutils_system_mod.py', 'sitecustomize.py'].map(name => `${library}/${name}`),
    `etc/python${version}`,
    // pip's way to look at what is installed before Python 3.11.
    ...(version === '3.9' ? [] : ['usr/lib/python3/dist-packages/pip/_vendor/pkg_resources']),
    'usr/lib/i386-linux-gnu/libexpatw.so.1',
    'usr/lib/binfmt.d',
    'usr/share/binfmts',
    'usr/share/menu',
    'usr/share/python3',
    'usr/share/python-wheels',
    'usr/share/pyshared',
  ];
}
