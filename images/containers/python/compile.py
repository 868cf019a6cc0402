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

EVERYDAY = """
    abc argparse array ast asyncio asyncio.runners base64 bisect bz2 calendar code codecs codeop collections collections.abc colorsys
    concurrent.futures concurrent.futures.process concurrent.futures.thread configparser contextlib contextvars copy copyreg csv
    ctypes dataclasses datetime decimal difflib email email.message email.mime.multipart email.mime.text email.policy encodings.ascii
    encodings.cp437 encodings.idna encodings.latin_1 encodings.utf_16 encodings.utf_8_sig enum errno fnmatch fractions functools
    __future__ getopt getpass gettext glob gzip hashlib heapq hmac html html.parser http http.client http.cookiejar http.cookies
    http.server importlib importlib.metadata importlib.metadata._adapters importlib.resources importlib.util inspect io ipaddress
    itertools json keyword linecache locale logging logging.config logging.handlers lzma math mimetypes multiprocessing
    multiprocessing.connection multiprocessing.process netrc operator optparse os pathlib pickle pkgutil platform _pylong _pyrepl.main
    _pyrepl.simple_interact queue random re readline reprlib rlcompleter runpy secrets select selectors shlex shutil signal site
    smtplib socket socketserver sqlite3 ssl stat string _strptime struct subprocess sys sysconfig _sysconfigdata__linux_i386-linux-gnu
    tarfile tempfile textwrap threading time timeit token tokenize tomllib traceback types typing unicodedata unittest urllib.error
    urllib.parse urllib.request uuid warnings weakref xml.etree.ElementTree xml.parsers.expat xmlrpc.client zipfile zipimport zlib
    zoneinfo
""".split()

PACKAGES = "/usr/lib/python3/dist-packages"
# Parts of pip that only other systems or rare commands need.
RARE_IN_PIP = re.compile(
    r"/pip/(_internal/(resolution/legacy|commands/(debug|hash|lock|search|inspect|wheel|configuration))"
    r"|_vendor/(idna/uts46data|distlib/(database|index|locators|manifest|markers|metadata|version|wheel|w32)|packaging/licenses"
    r"|pygments/(lexers/python|unistring)|urllib3/contrib/(_?securetransport|pyopenssl|ntlmpool|appengine)|tomli|tomli_w"
    r"|truststore/_(macos|windows)|rich/(_win|_windows|_inspect|_timer|layout|prompt|markdown|diagnose|json|tree|bar\.)))"
)


def compile_all(folder, mode, leave_out=None):
    if not compileall.compile_dir(folder, quiet=1, force=True, rx=leave_out, invalidation_mode=mode):
        sys.exit(f"{folder} could not be compiled")


for name in EVERYDAY:
    importlib.import_module(name)
compile_all(f"{PACKAGES}/pip", py_compile.PycInvalidationMode.TIMESTAMP, RARE_IN_PIP)
# pip gives the files of a wheel a new time, so these must not be bound to one.
for entry in sorted(os.listdir(PACKAGES)):
    path = f"{PACKAGES}/{entry}"
    if entry != "pip" and os.path.isdir(path) and not entry.endswith("-info"):
        compile_all(path, py_compile.PycInvalidationMode.UNCHECKED_HASH)
