/**
 * What a program in a container never uses: Python's tests of itself, the texts of help('topics'), modules that stand in for compiled ones or
 * need what is not there, tools for maintainer scripts and desktops.
 */
export const PYTHON_PRUNED = [
  ...['_pydecimal', '_pydatetime', '_pyio', 'turtle'].map(name => `usr/lib/python3.13/${name}.py`),
  'usr/lib/python3/dist-packages/pip/_vendor/pkg_resources',
  'usr/lib/python3.13/test',
  'usr/lib/python3.13/pydoc_data/topics.py',
  'usr/lib/python3.13/__phello__',
  ...['_testbuffer', '_testcapi', '_testclinic', '_testclinic_limited', '_testexternalinspection', '_testimportmultiple', '_testinternalcapi']
    .concat(['_testlimitedcapi', '_testmultiphase', '_testsinglephase', '_xxtestfuzz', '_ctypes_test', 'xxlimited', 'xxlimited_35', 'xxsubtype'])
    .map(name => `usr/lib/python3.13/lib-dynload/${name}.cpython-313-i386-linux-gnu.so`),
  'usr/lib/i386-linux-gnu/libexpatw.so.1',
  'usr/lib/i386-linux-gnu/libexpatw.so.1.12.3',
  'usr/lib/binfmt.d',
  'usr/share/binfmts',
  'usr/share/python3/debpython',
  'usr/share/python-wheels',
];
