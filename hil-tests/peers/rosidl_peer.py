"""Type descriptions of definition trees as a distro's own rosidl makes them.

rosidl_peer.py FOLDER TREE...    a TREE holds PACKAGE/{msg,srv,action}/NAME.KIND; FOLDER receives, for each file,
PACKAGE/KIND/NAME.json with its description and hashes. Packages that the distro has installed are left out: it ships
their descriptions.
"""

import contextlib
import json
import os
import pathlib
import re
import sys

from rosidl_adapter import convert_to_idl
from rosidl_generator_type_description import generate_type_hash


def installed():
    share = pathlib.Path(os.environ['AMENT_PREFIX_PATH'].split(':')[0]) / 'share'
    return {each.name: each for each in share.iterdir() if any(each.glob('*/*.json'))}


def packages(trees):
    found = {}
    for tree in trees:
        for file in sorted(pathlib.Path(tree).resolve().glob('*/*/*')):
            if file.parent.name in ('msg', 'srv', 'action') and file.suffix == '.' + file.parent.name:
                found.setdefault(file.parent.parent.name, []).append(file)
    return found


def needs(files):
    text = '\n'.join(file.read_text() for file in files)
    names = set(re.findall(r'^\s*([a-z][a-z0-9_]*)/', text, re.MULTILINE))
    if any(file.suffix != '.msg' for file in files):
        names.add('service_msgs')
    if any(file.suffix == '.action' for file in files):
        names |= {'unique_identifier_msgs', 'builtin_interfaces'}
    return names


def generate(package, files, folder, include):
    base = folder / 'idl' / package
    tuples = []
    for file in files:
        kind = file.parent.name
        (base / kind).mkdir(parents=True, exist_ok=True)
        convert_to_idl(file.parent.parent, package, pathlib.Path(kind) / file.name, base)
        tuples.append(f'{base}:{kind}/{file.stem}.idl')
    arguments = folder / (package + '.arguments')
    arguments.write_text(json.dumps({
        'package_name': package, 'output_dir': str(folder / package), 'idl_tuples': tuples,
        'include_paths': [f'{name}:{path}' for name, path in include.items()]}))
    generate_type_hash(str(arguments))


def main(folder, *trees):
    folder = pathlib.Path(folder).resolve()
    include = installed()
    left = {name: files for name, files in packages(trees).items() if name not in include}
    with open(os.devnull, 'w') as nothing, contextlib.redirect_stdout(nothing):
        while left:
            ready = [name for name, files in left.items() if not (needs(files) - {name}) & left.keys()]
            if not ready:
                sys.exit('packages need each other: ' + ', '.join(left))
            for package in ready:
                generate(package, left.pop(package), folder, include)
                include[package] = folder / package


main(*sys.argv[1:])
