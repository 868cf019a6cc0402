"""Puts pip into an environment, as Python's own module of this name does. It does not unpack wheels and run pip from them:
that takes the emulated computer minutes. It copies what the image has already, compiled modules included."""

import os
import shutil
import sys
import sysconfig

__all__ = ["version", "bootstrap"]

_PROJECTS = ("pip",) if sys.version_info >= (3, 12) else ("pip", "setuptools")


def _site_packages(base):
    return os.path.join(base, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")


def _information(folder, project):
    """The project's .dist-info in a folder, or None."""
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.startswith(project + "-") and name.endswith(".dist-info"):
            return name
    return None


def _have(folder, project):
    information = _information(folder, project)
    if information is None:
        raise RuntimeError("%s is not in %s any more: nothing is left to copy from" % (project, folder))
    return information


def _version(information):
    return information[: -len(".dist-info")].split("-")[1]


def version():
    """The version of pip that is put into environments."""
    return _version(_have(_site_packages(sys.base_prefix), "pip"))


def _script(path, main):
    with open(path, "w", encoding="utf-8") as script:
        script.write("#!%s\nimport sys\nfrom %s import main\nif __name__ == '__main__':\n    sys.exit(main())\n" % (sys.executable, main))
    os.chmod(path, 0o755)


def _copy(source, target, project):
    """Copies what a project's RECORD names, but its scripts, which are made anew; gives the project's .dist-info."""
    information = _have(source, project)
    with open(os.path.join(source, information, "RECORD"), encoding="utf-8") as record:
        lines = record.read().splitlines()
    folders = set()
    for line in lines:
        path = line.rsplit(",", 2)[0].strip('"')
        if path.startswith("..") or path.endswith("/RECORD"):
            continue
        destination = os.path.join(target, path)
        folder = os.path.dirname(destination)
        if folder not in folders:
            os.makedirs(folder, exist_ok=True)
            folders.add(folder)
        shutil.copyfile(os.path.join(source, path), destination)
    return information, lines


def _write_record(target, information, lines, scripts):
    kept = [line for line in lines if not line.startswith("..")]
    with open(os.path.join(target, information, "RECORD"), "w", encoding="utf-8") as record:
        record.write("\n".join(kept + [os.path.relpath(script, target) + ",," for script in scripts]) + "\n")


def _places(root, user):
    paths = sysconfig.get_paths("posix_user") if user else sysconfig.get_paths()
    places = [paths["purelib"], paths["scripts"]]
    return [os.path.join(root, place.lstrip("/")) for place in places] if root else places


def bootstrap(*, root=None, upgrade=False, user=False, altinstall=False, default_pip=False, verbosity=0):
    """Puts pip (before Python 3.12 setuptools too) into the current environment, or below `root`."""
    if altinstall and default_pip:
        raise ValueError("Cannot use altinstall and default_pip together")
    source = _site_packages(sys.base_prefix)
    target, scripts = _places(root, user)
    for project in _PROJECTS:
        present = _information(target, project)
        if present is not None:
            print("Requirement already satisfied: %s in %s (%s)" % (project, target, _version(present)))
            continue
        information, lines = _copy(source, target, project)
        made = []
        if project == "pip":
            os.makedirs(scripts, exist_ok=True)
            names = ["pip%d.%d" % sys.version_info[:2]]
            names += [] if altinstall else ["pip3"]
            names += ["pip"] if default_pip else []
            made = [os.path.join(scripts, name) for name in names]
            for path in made:
                _script(path, "pip._internal.cli.main")
        _write_record(target, information, lines, made)
        if verbosity:
            print("%s %s copied to %s" % (project, _version(information), target))


def _main(argv=None):
    import argparse

    parser = argparse.ArgumentParser(prog="python -m ensurepip")
    parser.add_argument("--version", action="version", version="pip " + version())
    parser.add_argument("-v", "--verbose", action="count", default=0, dest="verbosity")
    parser.add_argument("-U", "--upgrade", action="store_true")
    parser.add_argument("--user", action="store_true")
    parser.add_argument("--root", default=None)
    parser.add_argument("--altinstall", action="store_true")
    parser.add_argument("--default-pip", action="store_true")
    bootstrap(**vars(parser.parse_args(argv)))
    return 0
