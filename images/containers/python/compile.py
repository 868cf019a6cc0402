"""Compiles Python's modules once, as the image's own Python does at each import otherwise. Run in the guest, as root of the image's files.

Of the standard library: what everyday programs import, and what those modules import in turn. Compiled modules are as large as
their source, and every byte of an image costs time when it is pulled; what is not compiled here works as well, only slower.
"""

import compileall
import importlib
import os
import py_compile
import re
import sys
import tarfile

EVERYDAY = """
    abc argparse array ast asyncio asyncio.runners base64 bisect bz2 calendar code codecs codeop collections collections.abc colorsys
    concurrent.futures concurrent.futures.process concurrent.futures.thread configparser contextlib contextvars copy copyreg csv
    ctypes dataclasses datetime decimal difflib email email.message email.mime.multipart email.mime.text email.policy encodings.ascii
    encodings.cp437 encodings.idna encodings.latin_1 encodings.utf_16 encodings.utf_8_sig ensurepip enum errno fnmatch fractions
    functools __future__ getopt getpass gettext glob gzip hashlib heapq hmac html html.parser http http.client http.cookiejar
    http.cookies http.server importlib importlib.metadata importlib.resources importlib.util inspect io ipaddress itertools json
    keyword linecache locale logging logging.config logging.handlers lzma math mimetypes multiprocessing multiprocessing.connection
    multiprocessing.process netrc operator optparse os pathlib pickle pkgutil platform pprint queue random re readline reprlib
    rlcompleter runpy secrets select selectors shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat string _strptime
    struct subprocess sys sysconfig _sysconfigdata__linux_i386-linux-gnu tarfile tempfile textwrap threading time timeit token
    tokenize traceback types typing unicodedata unittest urllib.error urllib.parse urllib.request uuid venv warnings
    weakref xml.etree.ElementTree xml.parsers.expat xmlrpc.client zipfile zipimport zlib zoneinfo
""".split()

# What only some releases of Python have: the program's own first modules as files, and what is new or gone.
OF_SOME_RELEASES = """
    importlib.metadata._adapters _pylong _pyrepl.main _pyrepl.simple_interact tomllib distutils.core distutils.command.install
    distutils.command.build distutils.command.install_egg_info distutils.sysconfig importlib._bootstrap importlib.resources.abc
""".split()

LIBRARY = os.path.dirname(os.__file__)
PACKAGES = f"{LIBRARY}/site-packages"
# Parts of pip that only other systems or rare commands need.
RARE_IN_PIP = re.compile(
    r"/pip/(_internal/(resolution/legacy|commands/(debug|hash|lock|search|inspect|wheel|configuration))"
    r"|_vendor/(idna/uts46data|distlib/(database|index|locators|manifest|markers|metadata|version|wheel|w32)|packaging/licenses"
    r"|pygments/(lexers/python|unistring)|urllib3/contrib/(_?securetransport|pyopenssl|ntlmpool|appengine)|tomli|tomli_w"
    r"|truststore/_(macos|windows)|rich/(_win|_windows|_inspect|_timer|layout|prompt|markdown|diagnose|json|tree|bar\.)))"
)
# setuptools and wheel are there for what others build with them: compiled by whoever does.
NOT_COMPILED = re.compile(r"^(setuptools|pkg_resources|_distutils_hack|wheel)$|-info$")


def compile_all(folder, leave_out=None):
    # pip gives the files of a wheel a new time, and copies have another too: so these must not be bound to one.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(folder, quiet=1, force=True, rx=leave_out, invalidation_mode=mode):
        sys.exit(f"{folder} could not be compiled")


for name in EVERYDAY:
    importlib.import_module(name)
for name in OF_SOME_RELEASES:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        pass
for entry in sorted(os.listdir(PACKAGES)):
    path = f"{PACKAGES}/{entry}"
    if os.path.isdir(path) and not NOT_COMPILED.search(entry):
        compile_all(path, RARE_IN_PIP)
    elif entry.endswith(".py"):
        py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)

# The guest's own tar takes no list of files.
with tarfile.open("/compiled.tar", "w") as archive:
    for folder, folders, names in os.walk(LIBRARY):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".pyc"):
                archive.add(os.path.join(folder, name))
